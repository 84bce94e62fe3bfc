"""Training of heads for SmolLM2-135M: a draft of one layer that reads the target's states, and Medusa heads."""
