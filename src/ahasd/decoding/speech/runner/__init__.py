"""A lean forward of Whisper's decoder."""
