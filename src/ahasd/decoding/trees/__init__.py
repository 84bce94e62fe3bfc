"""Decoding with token trees: what guesses, the pass over a tree, the verdict on it, and the rounds."""
