"""Speech: Whisper and its like, with a draft or without, encoders included."""
