"""Our drafting inside ``generate`` of transformers."""
