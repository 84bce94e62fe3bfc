"""EDC and TVC as hardware."""
