"""Mixtures of experts larger than fast memory: which experts stay, which are fetched, who computes the others."""
