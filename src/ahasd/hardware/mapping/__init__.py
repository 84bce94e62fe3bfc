"""Host and computing memory that run a pass together: each operator on one of them, or every product split."""
