"""From modules to Verilog, gates, area, delay and power."""
