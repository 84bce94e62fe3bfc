"""Cost model of a GPU, and what lies in its memory."""
