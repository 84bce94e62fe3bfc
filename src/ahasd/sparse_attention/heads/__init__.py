"""Which heads need the whole context."""
