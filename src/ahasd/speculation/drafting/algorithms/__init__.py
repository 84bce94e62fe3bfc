"""The drafting algorithms, a file each."""
