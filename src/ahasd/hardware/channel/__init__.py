"""What two sides of one memory channel cost each other: a model, and the co-simulation it is held against."""
