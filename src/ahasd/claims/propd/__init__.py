"""Claims about token trees of dynamic size."""
