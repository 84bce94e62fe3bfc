"""Which results belong together."""

#: Raised when a change moves what a run comes to, in figures or in notes; not when a report is laid out anew. Rows of
#: another version are not found. A test holds a small panel of results against it, and says when to raise it.
MODEL_VERSION = 3
