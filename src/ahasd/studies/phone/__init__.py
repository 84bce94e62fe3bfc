"""What to build into a phone: a search under its limits, and a map of which mapping is best where."""
