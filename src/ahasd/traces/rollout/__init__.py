"""Rollout traces: what a real draft model proposes at every position of what a real target wrote."""
