"""What sweeps and searches found, for people and for programs."""
