"""Where blocks lie in one piece of memory that is planned before anything runs."""
