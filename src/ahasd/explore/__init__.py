"""Comparisons and sweeps over configurations."""
