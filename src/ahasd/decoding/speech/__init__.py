"""Speech to text with Whisper: plain greedy decoding, and drafts that give the same text."""
