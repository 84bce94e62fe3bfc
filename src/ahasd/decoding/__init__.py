"""The PyTorch side: the tiny pair and the trace recorder (the only room that imports torch)."""
