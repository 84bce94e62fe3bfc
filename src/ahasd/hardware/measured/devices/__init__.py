"""Devices that people own, as the few figures that are published of them."""
