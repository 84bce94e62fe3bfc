"""Orders that one walk over the graph makes, good or bad."""
