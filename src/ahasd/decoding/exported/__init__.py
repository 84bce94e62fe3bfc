"""Programs of torch.export as graphs, and run node by node in any order."""
