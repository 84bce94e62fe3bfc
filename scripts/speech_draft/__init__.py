"""Parts of the training of Whisper base's draft."""
