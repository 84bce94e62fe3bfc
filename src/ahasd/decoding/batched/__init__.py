"""Several texts at once: one pass of a model for all of them, every row with a length of its own."""
