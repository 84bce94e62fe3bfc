"""Cost models of memories that compute."""
