"""Speech traces: what a draft of a transcript proposes behind every prefix of the target's own text."""
