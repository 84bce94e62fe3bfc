"""Protocols of two parties on shared values, each with the bytes that it sends."""
