"""Sweeps: which points there are, running what the store has not, and what they say."""
