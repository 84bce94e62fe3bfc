"""Claims of H2EAL (ICCAD 2025)."""
