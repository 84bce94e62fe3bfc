"""Questions that take many experiments, each answered by a document."""
