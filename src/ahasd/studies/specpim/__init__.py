"""SpecPIM's exploration: which memory that computes to build beside GPUs, and what of two models to run in it."""
