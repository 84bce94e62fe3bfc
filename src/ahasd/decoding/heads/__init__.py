"""What guesses the next tokens from the target's own states: Medusa heads, and a draft of one layer."""
