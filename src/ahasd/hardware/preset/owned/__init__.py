"""Devices that people own as machines of the simulator, each made of its published figures."""
