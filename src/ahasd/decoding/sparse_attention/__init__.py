"""Attention that reads a part of the context, in any Llama-shaped model."""
