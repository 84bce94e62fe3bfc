"""Which tokens a head reads: the first and the last, and pages whose keys may matter."""
