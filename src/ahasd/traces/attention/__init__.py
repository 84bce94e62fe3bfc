"""Attention traces: which pages each head of a model chose in each step."""
