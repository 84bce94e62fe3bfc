"""Figures that every run has."""
