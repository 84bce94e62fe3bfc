"""The digits' network of the private runs: its model in PyTorch, and how its loss curves."""
