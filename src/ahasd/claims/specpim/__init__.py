"""Claims of SpecPIM (ASPLOS 2024)."""
