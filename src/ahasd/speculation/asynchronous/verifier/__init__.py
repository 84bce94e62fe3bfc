"""The verifier: passes over what waits, pre-verifications, and the verdicts of both."""
