"""What runs of speech look like."""
