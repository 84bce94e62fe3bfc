"""One step of the draft model: what it feeds, what it costs, and its claim on the verifier's device."""

from collections.abc import Callable

from ahasd.simulation.engine import to_picoseconds
from ahasd.speculation.asynchronous.drafter.look_ahead import LookAhead
from ahasd.speculation.asynchronous.shared import Shared
from ahasd.speculation.asynchronous.verifier.verifier import Verifier
from ahasd.speculation.model_step import ModelStep


class DraftStep:
    """Prices and runs the steps of the draft, one at a time.

    Without AAU the vector work of a step in memory passes through the verifier's device. With ``vector_wait: behind``
    such a step waits for a running verification to end and keeps the next one from starting.

    Attributes
    ----------
    device
        Its name in the timeline.
    """

    def __init__(self, shared: Shared, verifier: Verifier) -> None:
        machine, options = shared.machine, shared.options
        costs, conflicts = machine.drafter, machine.conflicts
        self._shared, self._verifier, self._costs = shared, verifier, costs
        self._claims = verifier.claims
        self.device = costs.name
        self._prompt = shared.machine.lengths.prompt
        self._borrows = conflicts.borrows_vector_unit
        self._behind = self._borrows and options.vector_wait == "behind" and conflicts.waits_for_vector_unit
        self._catches_up_apart = options.catch_up == "separate"

    @property
    def must_wait(self) -> bool:
        """Whether it needs the verifier's device, which runs a verification."""
        return self._behind and self._verifier.running is not None

    def next(self, ahead: LookAhead) -> ModelStep:
        """The step that begins now: one that drafts, or one that only feeds what the draft has not seen."""
        width = ahead.unseen
        if width > 1 and self._catches_up_apart:
            width, kind = width - 1, "catch_up"
        else:
            kind = "draft"
        context = self._prompt + ahead.base + ahead.offset - ahead.unseen
        cost = self._costs.cost(width, context)
        now = self._shared.engine.now
        end = now + to_picoseconds(cost.seconds)
        return ModelStep(self.device, kind, now, end, cost, width=width, context=context)

    def start(self, task: ModelStep, ended: Callable[[], None]) -> None:
        """Start it, with its vector work where that is done."""
        shared = self._shared
        shared.timeline.add(task)
        if self._borrows:
            vector_work = to_picoseconds(task.cost.host_seconds)
            task.blocked = vector_work
            if self._verifier.running is None:
                shared.timeline.worked(shared.machine.target_steps.name, vector_work)
        self._claims.vector_work = self._behind
        shared.contention.start_step(task, ended)

    def leave_vector_unit(self) -> None:
        """Let the next verification start, if the step kept it from starting."""
        if self._claims.vector_work:
            self._claims.vector_work = False
            self._verifier.kick()
