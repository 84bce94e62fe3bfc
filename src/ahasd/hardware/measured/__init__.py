"""Devices that were measured instead of modelled: a table of how long passes took."""
