"""Private inference, laid out: plans, choices of widths, and runs."""
