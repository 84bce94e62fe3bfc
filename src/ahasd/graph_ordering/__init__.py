"""In which order the nodes of a graph run, so that the most memory that lives at once is least."""
