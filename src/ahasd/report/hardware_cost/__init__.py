"""What the controllers cost as hardware."""
