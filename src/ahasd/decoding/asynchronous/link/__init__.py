"""What joins the two processes: boards in shared memory, and doorbells."""
