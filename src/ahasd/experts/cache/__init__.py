"""Which experts stay in fast memory."""
