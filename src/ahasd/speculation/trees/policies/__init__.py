"""Ways to choose a tree, each a `TreePolicy`."""
