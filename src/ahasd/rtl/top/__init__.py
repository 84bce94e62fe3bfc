"""The controller joined: queues, rank gate, task scheduler, control block."""
