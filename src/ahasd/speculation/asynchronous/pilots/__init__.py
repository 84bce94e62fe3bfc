"""Control token by token: who pilots a run, and how the schedule asks it."""
