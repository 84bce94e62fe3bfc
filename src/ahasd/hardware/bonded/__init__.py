"""Memory bonded face to face onto logic: every bank has a processing element of its own, joined by routers."""
