"""Routing that other programs wrote down."""
