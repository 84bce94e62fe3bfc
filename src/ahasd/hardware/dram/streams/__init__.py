"""Request streams: what they are, how long they take, what they draw."""
