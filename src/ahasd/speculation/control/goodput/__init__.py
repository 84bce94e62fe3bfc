"""Control by goodput (ours), token by token."""
