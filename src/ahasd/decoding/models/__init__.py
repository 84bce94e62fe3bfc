"""Models that run: where they come from, their weights, their caches."""
