"""Machines on which experts lie in one memory and are computed beside another."""
