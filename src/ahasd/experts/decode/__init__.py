"""A mixture's text, token by token and layer by layer, on a machine."""
