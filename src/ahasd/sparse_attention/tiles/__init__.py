"""Attention of one head in parts, and the parts merged."""
