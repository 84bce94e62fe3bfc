"""Claims of memory-aware scheduling by iterative graph optimisation (ICCAD 2023)."""
