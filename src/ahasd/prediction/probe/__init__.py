"""What this machine takes for passes of several rows, measured."""
