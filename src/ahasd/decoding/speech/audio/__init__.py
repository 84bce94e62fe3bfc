"""Sound files, and the windows that Whisper hears."""
