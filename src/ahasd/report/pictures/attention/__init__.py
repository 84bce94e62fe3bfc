"""Figures of sparse attention in bonded memory."""
