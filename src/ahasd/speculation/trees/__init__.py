"""Token trees: several guesses for each of the next tokens, verified in one pass of the target."""
