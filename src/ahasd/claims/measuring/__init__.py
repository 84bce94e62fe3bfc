"""From a claim to runs, and from runs to its figure."""
