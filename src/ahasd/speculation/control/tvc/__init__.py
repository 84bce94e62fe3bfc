"""Time-aware pre-verification control, and the gating of ranks."""
