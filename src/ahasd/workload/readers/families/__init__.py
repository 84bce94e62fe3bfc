"""Readers of the families of models, in files by kin."""
