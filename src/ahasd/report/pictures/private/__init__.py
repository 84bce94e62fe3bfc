"""Figures of private inference."""
