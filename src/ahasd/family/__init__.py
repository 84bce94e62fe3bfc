"""What every family brings: its configuration, its systems, its runs and their results."""
