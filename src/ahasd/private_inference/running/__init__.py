"""The protocols for real: two processes, a socket, and oblivious transfer."""
