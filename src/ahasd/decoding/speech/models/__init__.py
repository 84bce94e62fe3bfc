"""Whisper models from wherever a user has them."""
