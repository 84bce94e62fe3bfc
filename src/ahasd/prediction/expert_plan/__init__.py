"""Whether a mixture that is larger than fast memory pays on a machine, from figures alone."""
