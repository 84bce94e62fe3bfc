"""A local page on which designs are chosen, and answer at once."""
