"""EDC, TVC, task gating and the queues between drafter and verifier."""
