"""The ledger of claims and what moves a verdict."""
