"""Results as one page to show, and as images."""
