"""The controllers as hardware: registers and gates in Amaranth, their synthesis and what they cost."""
