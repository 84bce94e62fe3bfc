"""The runtime's methods as schedules of the simulator, with steps that take what was measured."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from ahasd.decoding.asynchronous.asynchronous_decoder import MAX_AHEAD
from ahasd.hardware.measured.measured_widths import MeasuredWidths
from ahasd.hardware.preset.preset import Hardware, load_preset
from ahasd.prediction.concurrent_steps import ConcurrentSteps
from ahasd.prediction.step_times import StepTimes
from ahasd.prediction.token_by_token import TokenByToken
from ahasd.speculation.build_schedule import build_schedule
from ahasd.speculation.drafting.specification import AlgorithmSpec, build_policy
from ahasd.speculation.machine import Lengths, Machine
from ahasd.speculation.options import SystemPreset
from ahasd.speculation.schedule import Outcome
from ahasd.traces.rollout.rollout import RolloutTrace
from ahasd.traces.rollout.walk import TraceWalk

SimulatedMethod = Literal["autoregressive", "speculative", "async"]

# Names that a schedule wants: the asynchronous one verifies on an "npu" and drafts on a "pim".
_TARGET, _DRAFT = "npu", "pim"


@dataclass(frozen=True)
class MeasuredRuntime:
    """The runtime on the machine whose step times were measured.

    Attributes
    ----------
    alone
        Steps while nothing else runs: for methods that take turns.
    together
        Steps while the other model runs too: for ``async``; None if that is not asked for.
    """

    alone: StepTimes
    together: ConcurrentSteps | None = None

    def run(
        self,
        method: SimulatedMethod,
        algorithm: AlgorithmSpec | None,
        trace: RolloutTrace,
        tokens: int,
        seed: int = 0,
    ) -> Outcome:
        """Decode so many tokens of a trace; ``algorithm`` is None for the target alone."""
        walk = TraceWalk(trace, seed)
        if algorithm is None:
            return build_schedule(self._machine("autoregressive", tokens, None)).run(walk, None, tokens)
        policy = build_policy(algorithm)
        seen = TokenByToken(policy) if method == "async" else policy
        return build_schedule(self._machine(method, tokens, algorithm)).run(walk, seen, tokens)

    def _machine(self, method: SimulatedMethod, tokens: int, algorithm: AlgorithmSpec | None) -> Machine:
        concurrent = method == "async"
        steps = self.together if concurrent else self.alone
        assert steps is not None, "async needs steps that were measured while both models run"
        headed = algorithm is not None and algorithm.algorithm.needs_predicted_acceptance
        head = self.alone.head if headed else 0.0
        # With a head the last draft of a batch is consumed too, one step more that the schedules do not know of.
        round_seconds = self.alone.round + (steps.draft[1] if headed and not concurrent else 0.0)
        return Machine(
            _SYSTEMS[method],
            self._hardware,
            Lengths(1, tokens, look_ahead=MAX_AHEAD),
            MeasuredWidths(_TARGET, {width: time + round_seconds for width, time in steps.target.items()}),
            None
            if method == "autoregressive"
            else MeasuredWidths(_DRAFT, {width: time + head for width, time in steps.draft.items()}),
        )

    @cached_property
    def _hardware(self) -> Hardware:
        """Of the preset only the control loop is read, which is replaced by the measured message."""
        message = 0.0 if self.together is None else self.together.message
        hardware = load_preset("module-mac").hardware
        control = {"queue_transfer_us": message * 1e6, "polling_us": 0.0, "decision_us": 0.0}
        return hardware.model_copy(update={"cpu": hardware.cpu.model_copy(update=control)})


_SYSTEMS = {
    "autoregressive": SystemPreset(
        name="autoregressive",
        description="the target alone",
        schedule="autoregressive",
        target_device=_TARGET,
    ),
    "speculative": SystemPreset(
        name="speculative",
        description="by turns",
        schedule="serial",
        target_device=_TARGET,
        draft_device=_DRAFT,
        aau=True,
    ),
    "async": SystemPreset(
        name="async",
        description="at the same time",
        schedule="asynchronous",
        target_device=_TARGET,
        draft_device=_DRAFT,
        verify="coalesce",
        coalesce_limit=MAX_AHEAD,
        # How much the models slow each other down is in the measured times.
        ideal_bus_sharing=True,
        aau=True,
    ),
}
