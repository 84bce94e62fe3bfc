"""Tree traces: what heads guessed at every point of a text, and how the text went on."""
