"""Cost models of an NPU."""
