"""Readers of model configurations."""
