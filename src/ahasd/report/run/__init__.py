"""One run for people and programs."""
