"""Rollout traces: what a real draft model proposed and what its target said."""
