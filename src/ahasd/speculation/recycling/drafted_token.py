"""A token that a draft proposes."""

from dataclasses import dataclass

#: What stands for a token where there is none.
NONE = -1


@dataclass(frozen=True, slots=True)
class DraftedToken:
    """A proposed token.

    Parameters
    ----------
    token
        In the target's vocabulary.
    probability
        The draft's, in half precision, as traces hold it; the least of several draft tokens that make it up.
    runner_up
        The draft's second choice at this place; `NONE` where it is not known.
    """

    token: int
    probability: float
    runner_up: int = NONE
