"""Figures of orders of graphs."""
