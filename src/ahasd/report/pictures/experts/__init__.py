"""Figures of mixtures larger than fast memory."""
