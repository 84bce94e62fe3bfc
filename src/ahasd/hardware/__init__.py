"""Cost models of devices: seconds, joules and bytes of a step."""
