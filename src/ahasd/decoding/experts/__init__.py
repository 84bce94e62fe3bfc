"""Mixtures of experts that run: their routers, and experts that lie on disk until they are chosen."""
