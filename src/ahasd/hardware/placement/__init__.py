"""Where models lie, and the devices that work there."""
