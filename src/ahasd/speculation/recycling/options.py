"""What SpecASR's parts leave open (arXiv 2507.18181 publishes no thresholds)."""

from dataclasses import dataclass
from typing import Literal, get_args

from ahasd.errors import AhasdError

Recycling = Literal["none", "reuse", "masked"]

#: The longest draft of SpecASR, and what a trace holds.
LONGEST = 24


@dataclass(frozen=True, slots=True)
class SpeechDraftOptions:
    """How a round drafts.

    Parameters
    ----------
    longest
        Tokens of a trunk at most; SpecASR's is 24.
    truncation
        Drafting ends with the first token whose probability lies below; 0 never. Ours is 0.5 in the preset.
    keep_uncertain
        Whether that token is still proposed; where it is the first one, it always is. Ours.
    recycling
        What is done with a rejected suffix once the new draft is in step with it again. "none"; "reuse": it is
        proposed as it is, without another draft step; "masked": the draft reads it as a second branch behind its
        newest token, in one pass, and takes over what it would have written itself.
    window
        Tokens around the expected place where the two are looked for in step. Ours.
    match
        Tokens that must agree to be in step elsewhere than at the expected place; there one is enough. Ours.
    checked_at_once
        Tokens of the second branch in one pass at most. Ours.
    branching
        In a second pass, every drafted token whose probability lies below gets its runner-up as a sibling, and as
        much of the trunk behind it as is in step; 0 none.
    most_tokens
        Tokens of a tree at most, the trunk included. Ours.

    Raises
    ------
    AhasdError
        A value cannot be meant.
    """

    longest: int = LONGEST
    truncation: float = 0.0
    keep_uncertain: bool = True
    recycling: Recycling = "none"
    window: int = 10
    match: int = 2
    checked_at_once: int = 8
    branching: float = 0.0
    most_tokens: int = 40

    def __post_init__(self) -> None:
        if not 1 <= self.longest <= LONGEST:
            raise AhasdError(f"a draft's longest is {self.longest}; must be 1 to {LONGEST} tokens")
        for name, value in (("truncation", self.truncation), ("branching", self.branching)):
            if not 0 <= value <= 1:
                raise AhasdError(f"{name} is {value}; must be a probability, 0 (never) to 1")
        if self.recycling not in get_args(Recycling):
            raise AhasdError(f"recycling is '{self.recycling}'; must be {', '.join(get_args(Recycling))}")
        for name, number in (("match", self.match), ("checked at once", self.checked_at_once)):
            if number < 1:
                raise AhasdError(f"{name} is {number}; must be at least 1")
        if self.window < 0:
            raise AhasdError(f"window is {self.window}; must be at least 0")
        if self.most_tokens < self.longest:
            raise AhasdError(
                f"a tree of at most {self.most_tokens} tokens cannot hold a trunk of {self.longest}"
            )
