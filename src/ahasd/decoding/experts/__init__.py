"""Mixtures of experts that run: their routers, and experts that lie on disk and come into memory as they are chosen."""
