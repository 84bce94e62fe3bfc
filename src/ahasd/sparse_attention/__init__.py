"""Attention that reads a part of the context, in memory bonded to logic: which heads, which pages, on which bank."""
