"""Drafts of a transcript."""
