"""Claims of PrivQuant (ICCAD 2024)."""
