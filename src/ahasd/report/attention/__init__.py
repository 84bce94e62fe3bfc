"""What sparse attention would bring, for people and as data."""
