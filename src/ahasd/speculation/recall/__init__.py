"""What schedules did before, for machines on which they would do the same."""
