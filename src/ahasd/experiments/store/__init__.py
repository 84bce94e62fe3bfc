"""What was run, kept between commands and shared by those that run at once."""
