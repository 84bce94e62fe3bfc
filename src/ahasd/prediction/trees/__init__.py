"""Whether a tree of guesses pays here: measured passes, guesses over sample prompts, simulated rounds."""
