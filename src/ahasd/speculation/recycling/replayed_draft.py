"""A draft that a speech trace answers for: exact replay of every round, without a model."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ahasd.errors import AhasdError
from ahasd.speculation.recycling.draft_source import DraftSource
from ahasd.speculation.recycling.drafted_token import NONE, DraftedToken
from ahasd.traces.speech.trace import SpeechClip


@dataclass
class ReplayedDraft:
    """The draft of one clip.

    Its cache is followed as a real draft's is: what it has read of a text that the target then went another way from
    is read anew.

    Parameters
    ----------
    clip
        Of a trace.

    Attributes
    ----------
    passes
        Tokens that each pass so far has read, tokens of the text that it had not read yet included. In the target's
        tokens, also where the draft has others.
    """

    clip: SpeechClip
    passes: list[int] = field(default_factory=list)
    _cached: list[int] = field(default_factory=list)

    def behind(self, emitted: int) -> DraftSource:
        """Give the source of a round behind so many tokens of the transcript."""
        return _Replayed(self, emitted)

    def read(self, text: Sequence[int], beside: int = 0) -> None:
        """Note a pass that brings the cache to a text, and reads further tokens that are not kept."""
        common = 0
        while common < min(len(text), len(self._cached)) and text[common] == self._cached[common]:
            common += 1
        # At least the last token is read, since its pass gives what comes next; a pass that only branches reads none.
        fresh = len(text) - common if beside else max(1, len(text) - common)
        self.passes.append(fresh + beside)
        if not beside or fresh:
            self._cached = list(text)


class _Replayed(DraftSource):
    def __init__(self, draft: ReplayedDraft, emitted: int) -> None:
        self._draft, self._row = draft, emitted
        self._before: list[int] = draft.clip.target[:emitted].tolist()
        clip = draft.clip
        tokens = clip.draft[emitted].tolist()
        self._chain = tokens[: tokens.index(NONE)] if NONE in tokens else tokens
        self._steps: list[int] = clip.steps[emitted].tolist()
        self._told = 0

    def step(self) -> Sequence[DraftedToken]:
        if self._told >= len(self._chain):
            return ()
        taken = self._steps[self._told]
        count = sum(1 for step in self._steps[self._told : len(self._chain)] if step == taken)
        before = self._steps[self._told - 1] if self._told else 0
        self._read()
        for _ in range(taken - before - 1):
            self._draft.passes.append(1)
        return self._tell(count)

    def check(self, branch: Sequence[int]) -> Sequence[DraftedToken]:
        if self._draft.clip.after_runner_up is None:
            raise AhasdError("a masked pass needs a draft of the target's tokens; this trace's has others")
        if self._told >= len(self._chain):
            return ()
        agreed = 0
        ahead = self._chain[self._told :]
        while agreed < min(len(branch), len(ahead) - 1) and branch[agreed] == ahead[agreed]:
            agreed += 1
        self._draft.read([*self._before, *self._chain[: self._told], *branch])
        return self._tell(agreed + 1)

    def branch(self, places: Sequence[int]) -> Sequence[int]:
        after = self._draft.clip.after_runner_up
        if after is None:
            raise AhasdError("a tree needs what the draft writes behind its runner-ups; this trace has none")
        self._draft.read([*self._before, *self._chain[: max(places)]], beside=len(places))
        return [int(after[self._row, place]) for place in places]

    def _read(self) -> None:
        self._draft.read([*self._before, *self._chain[: self._told]])

    def _tell(self, count: int) -> list[DraftedToken]:
        clip, row = self._draft.clip, self._row
        places = range(self._told, self._told + count)
        self._told += count
        return [
            DraftedToken(
                int(clip.draft[row, at]), float(clip.probability[row, at]), int(clip.runner_up[row, at])
            )
            for at in places
        ]
