"""What heads guess at one point of the text."""

from collections.abc import Sequence
from dataclasses import dataclass

#: How likely each candidate of each head is: heads by depth, candidates by rank.
Probabilities = Sequence[Sequence[float]]


@dataclass(frozen=True, slots=True)
class Guesses:
    """What a policy may see of one text of a batch before a pass.

    Parameters
    ----------
    probability
        H×m: what each head itself says of its m likeliest candidates.
    emitted
        Tokens of the text so far, the root included, the prompt not.
    deepest
        Heads that may be used here: fewer than H where the text or the cache ends.
    text
        Which text of the batch it is, from 0; one that has ended is not asked about any more.
    """

    probability: Probabilities
    emitted: int
    deepest: int
    text: int = 0
