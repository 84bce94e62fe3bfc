"""Training of a draft for SmolLM2-135M: prompts, the target's own text, the candidates and what they are worth."""
