"""Tables, text and timeline files for people."""
