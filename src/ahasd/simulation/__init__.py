"""The event engine, the timeline and the result."""
