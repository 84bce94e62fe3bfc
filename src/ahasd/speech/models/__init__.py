"""The models of a pair as a run of speech sees them."""
