"""What results look like: figures of every family, and the slot by which a family brings its own."""
