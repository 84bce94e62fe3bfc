"""Real decoders side by side on this machine."""
