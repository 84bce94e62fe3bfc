"""A pass of a model over several rows: caches of unequal lengths, masks, positions, the two forwards."""
