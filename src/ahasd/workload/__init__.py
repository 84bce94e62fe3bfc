"""Model specifications and the operators of prefill, draft step and verification."""
