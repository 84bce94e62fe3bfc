"""Bit widths for each layer under a budget."""
