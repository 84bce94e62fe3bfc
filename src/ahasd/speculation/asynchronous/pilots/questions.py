"""Between a pilot and both sides of the schedule: what it is asked, from what they see."""

from math import inf

from ahasd.simulation.engine import PICOSECONDS
from ahasd.speculation.asynchronous.shared import Shared
from ahasd.speculation.control.pilot import PassChoice, Pilot, StepChoice
from ahasd.speculation.model_step import ModelStep
from ahasd.traces.rollout.walk import DraftChain


class PilotQuestions:
    """Puts the pilot's questions together.

    The pilot runs beside the verifier. Of the drafter it knows what arrived, and when the step under way will end
    if nothing disturbs it: steps follow each other, or wait because the pilot said so. The time of a decision is
    charged before each step; a decision about a pass is taken while the message that asks for it is found.

    Attributes
    ----------
    waiting
        Whether the drafter stands still.
    """

    def __init__(self, shared: Shared, pilot: Pilot) -> None:
        self._shared, self._pilot = shared, pilot
        self.waiting = False
        self._step: ModelStep | None = None
        self._step_chain: DraftChain | None = None
        self._pass: ModelStep | None = None
        self._pass_chain: DraftChain | None = None
        self._covered = 0

    def step_started(self, chain: DraftChain, step: ModelStep) -> None:
        """The drafter works on."""
        self._step_chain, self._step, self.waiting = chain, step, False

    def step_ended(self) -> None:
        """The drafter decides what next."""
        self._step = None

    def pass_started(self, running: ModelStep, covered: int) -> None:
        """A pass over the text's chain began, up to an offset."""
        self._pass, self._pass_chain, self._covered = running, self._shared.text.chain, covered

    def pass_ended(self, chain: DraftChain, verified: int, until: int, rejected: bool) -> None:
        """A pass brought verdicts."""
        self._pass = None
        self._pilot.judged(chain, verified, until, rejected)

    def starts_pass(self, visible: int) -> bool:
        """Whether the verifier, which is free, is to start a pass up to an offset that it can see."""
        shared, text = self._shared, self._shared.text
        machine = shared.machine
        context = machine.lengths.prompt + text.base + text.verified - 1
        draft_s = machine.drafter.cost(1, context).seconds
        pass_s = machine.target_steps.cost(1 + visible - text.verified, context).seconds
        wait = self._next_token_s(visible, draft_s)
        return self._pilot.starts_pass(
            PassChoice(text.chain, text.base, text.verified, visible, wait, draft_s, pass_s)
        )

    def drafts(self, chain: DraftChain, base: int, verified: int, drafted: int, draft_s: float) -> bool:
        """Whether the drafter, which is free, is to draft its next token."""
        covered, left = None, inf
        if self._pass is not None and self._pass_chain is chain:
            covered = self._covered
            left = max(0, self._pass.end - self._shared.now) / PICOSECONDS
        return self._pilot.drafts(StepChoice(chain, base, verified, drafted, covered, left, draft_s))

    def _next_token_s(self, visible: int, draft_s: float) -> float:
        """Seconds until the verifier sees one more token of the text's chain."""
        shared, text = self._shared, self._shared.text
        for batch in shared.unverified:
            if batch.end > visible:
                return max(0, batch.available - shared.now) / PICOSECONDS
        message = (shared.arrival + shared.decision_ps - shared.now) / PICOSECONDS
        if self._step is not None:
            rest = max(0, self._step.end - shared.now) / PICOSECONDS + message
            return rest if self._step_chain is text.chain else rest + draft_s
        if self.waiting and not len(shared.feedback):
            return inf  # it waits for this side
        return draft_s + message
