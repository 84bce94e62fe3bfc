"""The rounds in which a clip of a trace is decoded: what a run on the real models does, to the token."""

from collections.abc import Iterator
from dataclasses import dataclass

from ahasd.speculation.recycling.draft_round import DraftRound, Recyclable, draft_round
from ahasd.speculation.recycling.options import SpeechDraftOptions
from ahasd.speculation.recycling.replayed_draft import ReplayedDraft
from ahasd.speculation.recycling.token_tree import ROOT, Verdict, judge
from ahasd.traces.speech.trace import SpeechClip


@dataclass(frozen=True, slots=True)
class Round:
    """One round.

    Parameters
    ----------
    start
        Tokens of the transcript before it.
    drafted
        What was proposed.
    draft_passes
        Tokens that each pass of the draft read.
    verdict
        What the target made of it.
    emitted
        Tokens that the transcript grew by; less than accepted + 1 where a text ends with an accepted token.
    """

    start: int
    drafted: DraftRound
    draft_passes: tuple[int, ...]
    verdict: Verdict
    emitted: int

    @property
    def verified(self) -> int:
        """Tokens that the target's pass reads: the last one of the text, and the tree."""
        return 1 + len(self.drafted.tree.tokens)


def replay(clip: SpeechClip, options: SpeechDraftOptions) -> Iterator[Round]:
    """Give the rounds of a clip, in order; together they emit its whole transcript.

    Since the target decodes greedily, its verdicts follow from its transcript. The first token comes from the pass
    over the prompt and is of no round, so drafting begins behind it.

    Raises
    ------
    AhasdError
        The options need what the trace does not hold.
    """
    target: list[int] = clip.target.tolist()
    draft = ReplayedDraft(clip)
    emitted, recyclable = 1, None
    while emitted < len(target):
        before = len(draft.passes)
        drafted = draft_round(draft.behind(emitted), options, recyclable, clip.end_token)
        tree = drafted.tree

        def wanted(place: int, start: int = emitted, drafted: DraftRound = drafted) -> int:
            at = start + (0 if place == ROOT else len(drafted.tree.path(place)))
            return target[at] if at < len(target) else ROOT - 1  # behind the end nothing matches

        verdict = judge(tree, wanted)
        count = min(len(verdict.accepted) + 1, len(target) - emitted)
        yield Round(emitted, drafted, tuple(draft.passes[before:]), verdict, count)
        emitted += count
        recyclable = None if verdict.rejected is None else Recyclable(verdict.rejected, verdict.own)
