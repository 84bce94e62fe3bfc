"""Which key-value entries of the target exist: nothing is used before it is there."""


class TargetEntries:
    """Entries of the target's KV cache along the text, prompt included.

    The first ``written`` tokens of the text have entries, in the target's ranks, where both sides can read them.

    Parameters
    ----------
    prompt
        Tokens of the prompt, at least 1; prefill writes the entries of all but the last.

    Attributes
    ----------
    written
        Tokens that have entries.
    """

    __slots__ = ("written",)

    def __init__(self, prompt: int) -> None:
        self.written = prompt - 1

    def require(self, count: int) -> None:
        """Assert that the first ``count`` tokens have entries.

        Raises
        ------
        AssertionError
            They have not: a pass would use what does not exist yet.
        """
        if count > self.written:
            raise AssertionError(f"entry {count - 1} is used before it exists: {self.written} are written")

    def add(self, count: int) -> None:
        """Take note that a pass has written entries up to the first ``count`` tokens."""
        self.written = max(self.written, count)

    def roll_back(self, count: int) -> None:
        """Forget the entries after the first ``count`` tokens: the text goes on otherwise."""
        self.written = min(self.written, count)
