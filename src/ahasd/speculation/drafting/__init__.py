"""Stop policies: when the drafter hands its batch to the verifier."""
