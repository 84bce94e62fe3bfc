"""Claims of AMUSD (arXiv 2410.17375)."""
