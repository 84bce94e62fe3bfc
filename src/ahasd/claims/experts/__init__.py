"""Claims about mixtures of experts that are larger than fast memory."""
