"""Prompts: files, token ids, and how they fit the context."""
