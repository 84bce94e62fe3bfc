"""A trace's clips, one after the other: encoders, prompts, then round by round."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil

from ahasd.hardware.cost import NO_COST, StepCost
from ahasd.hardware.step_table import StepCosts
from ahasd.simulation.engine import PICOSECONDS, to_picoseconds
from ahasd.simulation.outcome import Outcome
from ahasd.simulation.timeline import Task, Timeline
from ahasd.speech.place import PlacedSpeech
from ahasd.speech.recycling.replay import Round, replay
from ahasd.traces.speech.trace import SpeechClip, SpeechTrace
from ahasd.workload.speech.whisper import WINDOW_S

#: Kinds of tasks: what the target and the draft hear by, what their prompts take, and what is then written.
ENCODER, DRAFT_ENCODER, PROMPT, DRAFT_PROMPT = "encoder", "draft's encoder", "prompt", "draft's prompt"
DRAFT, TARGET = "draft", "target"


@dataclass(frozen=True, slots=True)
class SpeechOutcome(Outcome[Task]):
    """What was done.

    Attributes
    ----------
    rounds
        Of each clip; none where nothing is drafted.
    """

    rounds: Sequence[Sequence[Round]] = ()

    def seconds(self, *kinds: str) -> float:
        """Of tasks of these kinds."""
        return sum(task.end - task.start for task in self.timeline.tasks if task.kind in kinds) / PICOSECONDS


class SpeechDecoding:
    """Writes the transcripts of a trace on placed models; a clip begins when the one before is written."""

    def __init__(self, placed: PlacedSpeech, trace: SpeechTrace) -> None:
        self._placed, self._trace = placed, trace
        self._timeline, self._now = Timeline[Task](), 0
        target, draft = placed.target, placed.draft
        self._told = trace.header.prompt_tokens
        self._hearing, self._prompt = target.hearing(), target.prompt(self._told)
        self._draft_hearing = self._draft_prompt = NO_COST
        if draft is not None:
            self._draft_hearing = draft.attending() if placed.shares_encoder else draft.hearing()
            self._draft_prompt = draft.prompt(self._told)

    def decode(self, watch: Callable[[int], None] | None = None) -> SpeechOutcome:
        """Go through the clips; ``watch`` is told the tokens that are written."""
        rounds: list[Sequence[Round]] = []
        written = 0
        for clip in self._trace:
            self._hear(clip)
            rounds.append(self._rounds(clip))
            written += len(clip.target)
            if watch is not None:
                watch(written)
        return SpeechOutcome(self._now, self._timeline, rounds=rounds)

    def _hear(self, clip: SpeechClip) -> None:
        target, draft = self._placed.target, self._placed.draft
        for _ in range(ceil(clip.seconds / WINDOW_S)):
            self._add(target.host.name, ENCODER, self._hearing)
            if draft is not None:
                self._add(draft.host.name, DRAFT_ENCODER, self._draft_hearing)
        self._add(target.host.name, PROMPT, self._prompt)  # gives the first token
        if draft is not None:
            self._add(draft.host.name, DRAFT_PROMPT, self._draft_prompt)

    def _rounds(self, clip: SpeechClip) -> Sequence[Round]:
        target, draft, drafting = self._placed.target, self._placed.draft, self._placed.system.drafting
        before = target.writer.prompt(self._told)
        if draft is None or drafting is None:
            for written in range(1, len(clip.target)):
                self._step(target, TARGET, 1, before + written - 1)
            return ()
        rounds = list(replay(clip, drafting))
        draft_before = draft.writer.prompt(self._told)
        for one in rounds:
            for number, width in enumerate(one.draft_passes):
                # Behind what the draft has read; a pass over a branch keeps none of it.
                read = draft_before + max(0, one.start + number - width)
                self._step(draft, DRAFT, width, read)
            self._step(target, TARGET, one.verified, before + one.start - 1)
        return rounds

    def _step(self, costs: StepCosts, kind: str, width: int, context: int) -> None:
        self._add(costs.name, kind, costs.cost(width, context))

    def _add(self, track: str, kind: str, cost: StepCost) -> None:
        end = self._now + to_picoseconds(cost.seconds)
        if end > self._now:
            self._timeline.add(Task(track, kind, self._now, end, cost))
        self._now = end
