"""How devices, weights and schedules are joined into systems."""
