"""Routing traces: which experts a real mixture of experts chose for every token, layer by layer."""
