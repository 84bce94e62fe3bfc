"""Runs of sparse attention."""
