"""Drafts of a transcript: truncated or branched where unsure, made of what was rejected before (SpecASR)."""
