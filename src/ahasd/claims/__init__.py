"""The ledger of published claims: what was claimed, what our models give, and what decides."""
