"""DRAM timing, commands and request streams."""
