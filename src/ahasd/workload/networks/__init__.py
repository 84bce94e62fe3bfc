"""Networks with branches, whose nodes can run in many orders, built from their published descriptions."""
