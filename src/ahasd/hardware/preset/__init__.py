"""Hardware presets: every constant beside its source."""
