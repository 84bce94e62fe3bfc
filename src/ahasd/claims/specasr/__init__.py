"""SpecASR (arXiv 2507.18181): what is claimed of it, and what decides."""
