"""Who computes the experts of a layer, and which are copied for it."""
