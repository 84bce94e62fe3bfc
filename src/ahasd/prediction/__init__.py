"""Will a technique pay here: from measured steps to a verdict."""
