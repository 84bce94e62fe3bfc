"""Claims of AHASD (arXiv 2604.25326, DAC 2026) and of its repository."""
