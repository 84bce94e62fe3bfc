"""Recording of traces from real models."""
