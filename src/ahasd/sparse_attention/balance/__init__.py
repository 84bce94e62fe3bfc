"""How the work of a layer's heads is spread over banks, and who waits for whom."""
