"""Simulate a configuration: resolve it, place it, run its schedule, add it up."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ahasd import __version__
from ahasd.simulation.energy_report import energy_report
from ahasd.simulation.result import Comparison, Result
from ahasd.speculation.build_schedule import build_schedule
from ahasd.speculation.drafting.policy import DraftingPolicy
from ahasd.speculation.drafting.specification import build_policy
from ahasd.speculation.machine import Lengths, PlacedMachine
from ahasd.speculation.schedule import Outcome
from ahasd.speculation.summary import controllers, device_shares, energy, queue_occupancy
from ahasd.systems.choosing import choose
from ahasd.systems.configuration import NO_SPECULATION, Resolved, RunConfiguration, freeze, resolve
from ahasd.systems.notes import acceptance_from, notes
from ahasd.systems.target_alone import TargetAlone, compare_with_target_alone
from ahasd.traces.rollout.walk import TraceWalk

#: Entries beyond the asked-for text that the caches have room for, unless a single batch is longer; a drafter
#: that is so far ahead of the verified text waits (ours).
LOOK_AHEAD_ENTRIES = 64


def simulate(**values: Any) -> Result:
    """Simulate one run.

    Parameters
    ----------
    **values
        Fields of :class:`~ahasd.systems.configuration.RunConfiguration`: ``system``, ``pair``, ``algorithm``,
        ``trace``, ``hardware``, ``tokens``, ``prompt_tokens``, ``seed``, ``weight_bits``, ``kv_bits``, ``set``, …

    Raises
    ------
    AhasdError
        The input is wrong; the message names the cause.
    """
    return Run(resolve(RunConfiguration.checked(**values))).result()


class Run:
    """One run, step by step, for those who also want its timeline.

    Parameters
    ----------
    machine
        Where to run; built if not given.
    build, alone
        Where to take machines, and the target alone on them, from: others than the default may share what they
        build between runs.

    Attributes
    ----------
    machine
        Devices and placement.
    outcome
        Timeline and counts, computed when first asked for.
    """

    def __init__(
        self,
        resolved: Resolved,
        machine: PlacedMachine | None = None,
        build: Callable[[Resolved], PlacedMachine] | None = None,
        alone: Callable[[Resolved, PlacedMachine], TargetAlone] = TargetAlone,
    ) -> None:
        self._asked = resolved
        build = build_machine if build is None else build
        self.resolved = resolved = choose(resolved, build)
        configuration = resolved.configuration
        self.machine = build(resolved) if machine is None else machine
        self._alone = alone(resolved, self.machine)
        self._walk = TraceWalk(resolved.trace, configuration.seed, configuration.coins)
        self._outcome: Outcome | None = None

    def with_seed(self, seed: int) -> "Run":
        """The same run with another seed; step costs and the target's own figures are computed once for all."""
        configuration = self.resolved.configuration.model_copy(update={"seed": seed})
        other = Run(replace(self.resolved, configuration=configuration), self.machine)
        other._alone, other._asked = self._alone, replace(self._asked, configuration=configuration)
        return other

    def take_outcome(self, other: "Run") -> None:
        """Take over what another run's schedule did, which this one's would do too."""
        self._walk, self._outcome = other._walk, other.outcome

    @property
    def outcome(self) -> Outcome:
        """What the schedule did."""
        return self._outcome if self._outcome is not None else self.simulate()

    def simulate(self, watch: Callable[[int], None] | None = None) -> Outcome:
        """Run the schedule; ``watch`` is told the number of emitted tokens whenever it grows."""
        schedule = build_schedule(self.machine, watch)
        self._outcome = schedule.run(self._walk, _policy(self.resolved), self.resolved.configuration.tokens)
        self._outcome.ledger.check()
        return self._outcome

    def result(self, break_even: bool = True) -> Result:
        """Add the run up; ``break_even`` also searches the acceptance at which speculation stops paying."""
        return self._assemble(
            compare_with_target_alone(self.resolved, self.machine, self._alone, self.outcome, break_even)
        )

    def _assemble(self, comparison: Comparison) -> Result:
        resolved, outcome, machine = self.resolved, self.outcome, self.machine
        ledger, configuration = outcome.ledger, resolved.configuration
        seconds = outcome.end * 1e-12
        prefill = machine.prefill()
        joules = energy(machine, outcome)
        total = sum(joules.values())
        wasted = sum(outcome.timeline.energy(outcome.end, wasted_only=True).values())
        judged = ledger.accepted + ledger.rejected
        algorithm = resolved.algorithm
        assert ledger.first_emission is not None
        return Result(
            system=resolved.system.name,
            pair=resolved.pair.name,
            algorithm=str(algorithm) if algorithm else NO_SPECULATION,
            algorithm_provenance=algorithm.provenance if algorithm else None,
            hardware=machine.hardware.name,
            acceptance_from=acceptance_from(resolved),
            tokens=configuration.tokens,
            tokens_cut=ledger.cut,
            seconds=seconds,
            seconds_prefill=prefill.seconds,
            tokens_per_second=configuration.tokens / seconds,
            ttft_s=prefill.seconds + ledger.first_emission * 1e-12,
            tpot_s=seconds / configuration.tokens,
            drafted=ledger.drafted,
            accepted=ledger.accepted,
            rejected=ledger.rejected,
            flushed=ledger.flushed,
            in_flight=ledger.in_flight,
            draft_acceptance_rate=ledger.accepted / judged if judged else None,
            draft_efficiency=ledger.accepted / ledger.drafted if ledger.drafted else None,
            wasted=ledger.drafted - ledger.accepted,
            verifications=ledger.verifications,
            mean_acceptance_length=ledger.emitted / ledger.verifications,
            mean_draft_length=outcome.mean_draft_length if algorithm else None,
            accepted_histogram=dict(sorted(ledger.accepted_histogram.items())),
            energy_j=joules,
            energy_prefill_j=prefill.joules,
            joules_per_token=total / configuration.tokens,
            joules_wasted=wasted,
            average_power_w=total / seconds,
            energy_report=energy_report(
                joules, wasted, ledger.drafted - ledger.accepted, configuration.tokens, seconds
            ),
            devices=device_shares(machine, outcome),
            queues=queue_occupancy(outcome),
            controller=controllers(outcome),
            trace_wraps=self._walk.wraps,
            **dict(comparison),
            options=resolved.system.model_dump(exclude={"name", "description", "default_hardware"}),
            placement=_placement(machine),
            notes=notes(resolved, outcome, machine),
            reproduce=_reproduce(self._asked),
        )


def build_machine(resolved: Resolved) -> PlacedMachine:
    """Place the pair on the hardware of a configuration.

    Raises
    ------
    AhasdError
        It does not fit, or the models' position tables are too short.
    """
    lengths = lengths_of(resolved)
    specs = [resolved.pair.target] + ([resolved.pair.draft] if resolved.algorithm is not None else [])
    for spec in specs:
        spec.require_positions(lengths.prompt + lengths.generated)
    return PlacedMachine(
        resolved.system,
        resolved.preset.hardware,
        resolved.pair,
        resolved.precision,
        lengths,
        resolved.configuration.fidelity,
    )


def lengths_of(resolved: Resolved) -> Lengths:
    """Tokens that the caches of a configuration have room for."""
    configuration, algorithm, look_ahead = resolved.configuration, resolved.algorithm, 0
    if algorithm is not None:
        longest_batch = int(algorithm.parameters[algorithm.algorithm.length_limit])
        look_ahead = max(LOOK_AHEAD_ENTRIES, longest_batch + 1, resolved.system.minimum_pending)
    return Lengths(configuration.prompt_tokens, configuration.tokens, look_ahead)


def _policy(resolved: Resolved) -> DraftingPolicy | None:
    return build_policy(resolved.algorithm) if resolved.algorithm is not None else None


def _placement(machine: PlacedMachine) -> dict[str, list[tuple[int, int]]]:
    """Channels and ranks of the models that lie on the memory module."""
    ranks = {"target": machine.placement.target, "draft": machine.placement.draft}
    return {model: held.members() for model, held in ranks.items() if held is not None}


def _reproduce(resolved: Resolved) -> dict[str, Any]:
    document = freeze(resolved).model_dump(mode="json", exclude={"trace", "models"})
    return {
        **document,
        "trace": resolved.trace_name,
        "trace_sha256": resolved.trace_sha256,
        "models": {
            "draft": resolved.pair.draft.model_dump(mode="json"),
            "target": resolved.pair.target.model_dump(mode="json"),
        },
        "version": __version__,
    }
