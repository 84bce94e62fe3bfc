"""What is decoded: a pair, how far drafts go and how well they are accepted, context and batch."""

from dataclasses import dataclass

from ahasd.errors import AhasdError

#: Weights, cache and activations: FP16, in which HBM-PIM's units compute.
BITS = 16

#: Tokens that a text goes on for, over which copying its prompt's cache is spread (ours).
GENERATED = 512


@dataclass(frozen=True, slots=True)
class Scenario:
    """A target scenario.

    Attributes
    ----------
    pair
        ``draft:target``.
    draft_length
        Tokens of a draft.
    acceptance
        Probability that a drafted token is accepted, each for itself.
    context
        Entries in the cache, as in the middle of the text.
    batch
        Texts that are decoded together.

    Raises
    ------
    AhasdError
        A value is out of range.
    """

    pair: str
    draft_length: int
    acceptance: float
    context: int
    batch: int

    def __post_init__(self) -> None:
        for name in ("draft_length", "context", "batch"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise AhasdError(
                    f"{name} of a scenario is {value!r}; it must be a whole number of at least 1"
                )
        if not isinstance(self.acceptance, int | float) or not 0 <= self.acceptance <= 1:
            raise AhasdError(f"acceptance of a scenario is {self.acceptance!r}; it must be from 0 to 1")

    @property
    def tokens_per_round(self) -> float:
        """Tokens that a round writes to a text: accepted ones and the target's own (Leviathan et al. 2023, eq. 1)."""
        return sum(self.acceptance**place for place in range(self.draft_length + 1))

    @property
    def entries(self) -> int:
        """That a text's cache has room for."""
        return self.context + GENERATED // 2

    @property
    def text(self) -> str:
        """For people."""
        return (
            f"{self.pair}, drafts of {self.draft_length}, acceptance {self.acceptance:g}, context {self.context}, "
            f"batch {self.batch}"
        )
