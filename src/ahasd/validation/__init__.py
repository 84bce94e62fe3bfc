"""Comparison of the models with reference measurements."""
