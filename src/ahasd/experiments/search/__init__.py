"""Searching for the best configurations under constraints, with several objectives."""
