"""The runtime's methods as schedules of the simulator, with steps that take what was measured."""

from dataclasses import dataclass
from typing import Literal

from ahasd.decoding.asynchronous.asynchronous_decoder import MAX_AHEAD
from ahasd.hardware.measured.pass_times import PassTimes
from ahasd.prediction.concurrent_steps import ConcurrentSteps
from ahasd.prediction.step_times import StepTimes
from ahasd.prediction.token_by_token import TokenByToken
from ahasd.simulation.engine import to_picoseconds
from ahasd.speculation.build_schedule import build_schedule
from ahasd.speculation.drafting.specification import AlgorithmSpec, build_policy
from ahasd.speculation.machine import Lengths, Machine, Messages
from ahasd.speculation.options.schedules import (
    AsynchronousOptions,
    AutoregressiveOptions,
    ScheduleOptions,
    SerialOptions,
)
from ahasd.speculation.schedule import SpeculationOutcome
from ahasd.traces.rollout.rollout import RolloutTrace
from ahasd.traces.rollout.walk import TraceWalk

SimulatedMethod = Literal["autoregressive", "speculative", "async"]


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
    ) -> SpeculationOutcome:
        """Decode so many tokens of a trace; ``algorithm`` is None for the target alone."""
        walk = TraceWalk(trace, seed)
        machine, options = self._machine(method, tokens, algorithm), _OPTIONS[method]
        policy = None if algorithm is None else build_policy(algorithm)
        if policy is not None and method == "async":
            policy = TokenByToken(policy)
        return build_schedule(machine, options).run(walk, policy, tokens)

    def _machine(self, method: SimulatedMethod, tokens: int, algorithm: AlgorithmSpec | None) -> Machine:
        concurrent = method == "async"
        steps = self.together if concurrent else self.alone
        assert steps is not None, "async needs steps that were measured while both models run"
        headed = algorithm is not None and algorithm.algorithm.needs_predicted_acceptance
        head = self.alone.head if headed else 0.0
        # With a head the last draft of a batch is consumed too, one step more that the schedules do not know of.
        round_seconds = self.alone.round + (steps.draft[1] if headed and not concurrent else 0.0)
        message = 0.0 if self.together is None else self.together.message
        return Machine(
            Lengths(1, tokens, look_ahead=MAX_AHEAD),
            PassTimes.of_widths(
                "target", {width: time + round_seconds for width, time in steps.target.items()}
            ),
            None
            if method == "autoregressive"
            else PassTimes.of_widths("draft", {width: time + head for width, time in steps.draft.items()}),
            # How much the models slow each other down is in the measured times: there are no conflicts beside.
            messages=Messages(transfer_ps=to_picoseconds(message)),
        )


_OPTIONS: dict[SimulatedMethod, ScheduleOptions] = {
    "autoregressive": AutoregressiveOptions(),
    "speculative": SerialOptions(),
    "async": AsynchronousOptions(verify="coalesce", coalesce_limit=MAX_AHEAD),
}
