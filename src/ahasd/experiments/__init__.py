"""Many runs: cells, grids, what interrupts them, and comparisons."""
