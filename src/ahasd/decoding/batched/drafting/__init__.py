"""Who drafts for the rows of a batch, and whether that pays."""
