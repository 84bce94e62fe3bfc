"""Entropy-history-aware drafting control."""
