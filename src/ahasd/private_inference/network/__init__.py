"""Networks as the layers that two parties compute, and the plan of what they send."""
