"""What a decode step takes: attention over the banks, and everything else of the model."""
