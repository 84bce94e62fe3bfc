"""Drafts without a model: what came behind the same words the last time (prompt lookup, Saxena 2023)."""

from collections.abc import Sequence

from ahasd.decoding.rules.rule import Proposal
from ahasd.decoding.speculative.drafter import Proposing
from ahasd.traces.rollout.walk import DraftSignals

#: Tokens that have to agree, longest first. Ours; transformers' prompt lookup takes 2 at most.
LONGEST, SHORTEST = 3, 1


class NgramDrafter:
    """Proposes the tokens that followed the last tokens of the text where they stood before, the latest place first.

    Good where a text repeats its prompt: summaries, edits of code, answers that quote. Where nothing stands twice it
    proposes nothing.

    Parameters
    ----------
    rule
        Of the draft's side of the request.
    """

    def __init__(self, rule: Proposing) -> None:
        self._rule = rule
        # Where the next token is copied from, and the length of the text for which that holds.
        self._source, self._length = 0, -1

    def prefill(self, prompt: Sequence[int]) -> None:
        """Forget the old text."""
        self._length = -1

    def can_propose(self, text: Sequence[int]) -> bool:
        """Whether something stands behind the same tokens, earlier in the text or its drafts."""
        if self._length != len(text):
            found = place_behind(text)
            if found is None:
                return False
            self._source, self._length = found, len(text)
        return True

    def propose(self, text: Sequence[int]) -> tuple[Proposal, DraftSignals]:
        """Propose the next token of a text for which ``can_propose`` has said yes."""
        proposal = self._rule.certain(text[self._source])
        self._source, self._length = self._source + 1, len(text) + 1
        return proposal, DraftSignals(proposal.entropy, proposal.probability, None)

    def roll_back(self, length: int) -> None:
        """Look again, behind a text that may have gone another way."""
        self._length = -1


def place_behind(text: Sequence[int]) -> int | None:
    """Give the place behind the latest earlier occurrence of the end of a text, by its longest end that has one."""
    for size in range(min(LONGEST, len(text) - 1), SHORTEST - 1, -1):
        end = list(text[-size:])
        for start in range(len(text) - size - 1, -1, -1):
            if text[start] == end[0] and list(text[start : start + size]) == end:
                return start + size
    return None
