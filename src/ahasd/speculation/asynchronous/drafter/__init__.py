"""The drafter: drafts ahead, batch by batch, and reads verdicts between steps."""
