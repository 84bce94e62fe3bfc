"""What sparse attention would bring a model on a bonded device, and which part of that is what."""
