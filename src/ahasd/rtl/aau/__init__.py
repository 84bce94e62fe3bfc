"""The attention algorithm unit of a rank."""
