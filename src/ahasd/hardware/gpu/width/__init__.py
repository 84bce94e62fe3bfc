"""What a pass of several rows costs, in passes of one row."""
