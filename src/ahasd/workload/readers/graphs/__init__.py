"""Readers of computation graphs: what nodes read and write, and how large that is."""
