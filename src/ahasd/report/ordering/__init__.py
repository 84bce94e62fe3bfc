"""Orders of graphs, for eyes and for programs."""
