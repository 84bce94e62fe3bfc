"""Drafts of a transcript: truncated where unsure, made of what was rejected before, branched where unsure (SpecASR)."""
