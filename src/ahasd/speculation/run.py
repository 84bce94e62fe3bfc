"""One run of speculative decoding: look it up, place it, run its schedule, add it up."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ahasd import __version__
from ahasd.family.accounting import device_shares, energy
from ahasd.family.energy_report import energy_report
from ahasd.family.result import Baseline, Way, Work
from ahasd.family.run import Run
from ahasd.speculation.autoregressive import Autoregressive
from ahasd.speculation.break_even_search import BreakEvenRate
from ahasd.speculation.build_schedule import build_schedule
from ahasd.speculation.choosing import choose
from ahasd.speculation.configuration import Resolved, RunConfiguration, freeze, resolve, split_own
from ahasd.speculation.drafting.policy import DraftingPolicy
from ahasd.speculation.machine import Lengths
from ahasd.speculation.notes import acceptance_from, notes
from ahasd.speculation.options.schedules import AutoregressiveOptions
from ahasd.speculation.options.system import AsynchronousSystem
from ahasd.speculation.place import PlacedMachine, place
from ahasd.speculation.results import SpeculationResult
from ahasd.speculation.schedule import SpeculationOutcome
from ahasd.speculation.summary import section
from ahasd.speculation.target_alone import TargetAlone, break_even, how_together
from ahasd.speculation.trees.simulated.decode import decode_trees
from ahasd.speculation.verdict import verdict
from ahasd.speculation.weights_record import weights_records
from ahasd.traces.rollout.walk import TraceWalk
from ahasd.traces.tree.trace import TreeTrace
from ahasd.traces.tree.walk import TreeWalk

#: Entries beyond the asked-for text that the caches have room for, unless a single batch is longer; a drafter
#: that is so far ahead of the verified text waits (ours).
LOOK_AHEAD_ENTRIES = 64


class SpeculationRun(Run):
    """One run, step by step, for those who also want its timeline.

    Parameters
    ----------
    placed
        Where to run; built if not given.
    build, alone
        Where to take machines, and the target alone on them, from: others than the default may share what they
        build between runs.

    Attributes
    ----------
    asked, resolved
        The configuration with its names looked up, and with its alternatives settled too.
    placed
        Devices and placement.
    """

    def __init__(
        self,
        resolved: Resolved,
        placed: PlacedMachine | None = None,
        build: Callable[[Resolved], PlacedMachine] | None = None,
        alone: Callable[[Resolved, PlacedMachine], TargetAlone] = TargetAlone,
    ) -> None:
        self.asked = resolved
        build = build_machine if build is None else build
        self.resolved = resolved = choose(resolved, build)
        self.placed = build(resolved) if placed is None else placed
        self._alone = alone(resolved, self.placed)
        self._walk = _walk(resolved)
        self._outcome: SpeculationOutcome | None = None
        self._wraps: int | None = None

    def with_seed(self, seed: int) -> "SpeculationRun":
        """The same run with another seed; step costs and the target's own figures are computed once for all."""
        configuration = self.resolved.configuration.model_copy(update={"seed": seed})
        other = SpeculationRun(replace(self.resolved, configuration=configuration), self.placed)
        other._alone, other.asked = self._alone, replace(self.asked, configuration=configuration)
        return other

    def take_recalled(self, outcome: SpeculationOutcome, wraps: int) -> None:
        """Take what the schedule would do; ``wraps`` are those of the walk."""
        self._outcome, self._wraps = outcome, wraps

    @property
    def wraps(self) -> int:
        """How often the walk began the trace anew."""
        return self._walk.wraps if self._wraps is None else self._wraps

    def take_outcome(self, other: "SpeculationRun") -> None:
        """Take over what another run's schedule did, which this one's would do too."""
        self._walk, self._outcome, self._wraps = other._walk, other.outcome, other._wraps

    @property
    def work(self) -> int:
        """Tokens asked for, of all texts together."""
        return self.resolved.configuration.tokens * self.resolved.configuration.batch

    @property
    def outcome(self) -> SpeculationOutcome:
        """What the schedule did."""
        return self._outcome if self._outcome is not None else self.simulate()

    def simulate(self, watch: Callable[[int], None] | None = None) -> SpeculationOutcome:
        """Run the schedule; ``watch`` is told the number of emitted tokens whenever it grows."""
        resolved, walk = self.resolved, self._walk
        tokens, machine = resolved.configuration.tokens, self.placed.machine
        if isinstance(walk, TraceWalk):
            schedule = build_schedule(machine, resolved.system, watch, resolved.own.control)
            outcome: SpeculationOutcome = schedule.run(walk, _policy(resolved), tokens)
        elif resolved.trees is not None:
            drafting = _policy(resolved)
            outcome = decode_trees(resolved.trees, self.placed, walk, tokens, drafting, watch)
        else:
            outcome = Autoregressive(machine, AutoregressiveOptions(), watch).decode(tokens)
        outcome.ledger.check()
        self._outcome = outcome
        return outcome

    def frozen(self) -> RunConfiguration:
        """The configuration with hardware, system and foreign models written out."""
        return freeze(self.asked)

    def result(self, search_break_even: bool = True, documents: bool = True) -> SpeculationResult:
        """Add the run up; the search for the break-even takes some ten short runs.

        Parameters
        ----------
        documents
            Whether to write down options, placement and the configuration, which all seeds share.
        """
        resolved, outcome, placed = self.resolved, self.outcome, self.placed
        ledger, tokens, system = outcome.ledger, self.work, resolved.system
        seconds = outcome.end * 1e-12
        prefill = placed.prefill
        joules = energy(placed.hardware, outcome)
        total = sum(joules.values()) if placed.hardware.energy_is_known else None
        baseline = None
        found: BreakEvenRate | None = None
        if resolved.guesser is not None:
            baseline = self._alone.own()
            if search_break_even and resolved.trees is None:
                found = break_even(resolved, placed.machine, self._alone)
        way = {
            "name": system.name,
            "tokens_per_second": tokens / seconds,
            "joules_per_token": None if total is None else total / tokens,
        }
        asked = (
            Way(**way)
            if baseline is not None
            else Baseline(**way, device=system.target_device, how=how_together(system))
        )
        # A pass over a tree verifies right and wrong guesses together.
        wasted_j = None if total is None or resolved.trees is not None else outcome.wasted_j
        speculation = section(outcome, resolved.guesser, found, self.wraps, system.bound, wasted_j)
        assert ledger.first_emission is not None
        return SpeculationResult(
            family=system.family,
            system=system.name,
            hardware=placed.hardware.name,
            verdict=verdict(
                asked, baseline, self._alone.elsewhere(), speculation, self.asked.guesser is not None
            ),
            work=Work(done=tokens, unit="token"),
            seconds=seconds,
            energy_j=joules,
            average_power_w=None if total is None else total / seconds,
            energy_report=None if total is None else energy_report(joules, tokens, seconds),
            devices=device_shares(placed.hardware, system.devices.values(), outcome),
            options=system.model_dump(exclude={"name", "description", "family", "default_hardware"})
            if documents
            else {},
            notes=notes(resolved, outcome, placed),
            reproduce=_reproduce(self.asked) if documents else {"seed": resolved.configuration.seed},
            pair=resolved.pair.name,
            acceptance_from=acceptance_from(resolved),
            tokens=tokens,
            tokens_per_second=asked.tokens_per_second,
            joules_per_token=asked.joules_per_token,
            ttft_s=prefill.seconds + ledger.first_emission * 1e-12,
            tpot_s=seconds / resolved.configuration.tokens,
            seconds_prefill=prefill.seconds,
            energy_prefill_j=None if total is None else prefill.joules,
            baseline=baseline,
            speedup=asked.tokens_per_second / baseline.tokens_per_second if baseline else None,
            placement=_placement(placed) if documents else {},
            speculation=speculation,
            weights=weights_records(resolved.pair, placed.models),
        )


def simulate(**values: Any) -> SpeculationResult:
    """Simulate one run of speculative decoding; see :func:`ahasd.simulate`."""
    own, named = split_own(values)
    return SpeculationRun(resolve(RunConfiguration.checked(**named), own)).result()


def build_machine(resolved: Resolved) -> PlacedMachine:
    """Place the pair on the hardware of a configuration.

    Raises
    ------
    AhasdError
        It does not fit, or the models' position tables are too short.
    """
    lengths = lengths_of(resolved)
    drafts = resolved.algorithm is not None and resolved.trees is None
    specs = [resolved.pair.target] + ([resolved.pair.draft] if drafts else [])
    for spec in specs:
        spec.require_positions(lengths.prompt + lengths.generated)
    return place(
        resolved.system,
        resolved.preset.hardware,
        resolved.pair,
        resolved.precision,
        lengths,
        resolved.configuration.fidelity,
        resolved.own.devices,
    )


def lengths_of(resolved: Resolved) -> Lengths:
    """Tokens that the caches of a configuration have room for."""
    configuration, algorithm, look_ahead = resolved.configuration, resolved.algorithm, 0
    if resolved.trees is not None:
        most, heads = resolved.trees.most_nodes, resolved.trees.trace.heads
        return Lengths(configuration.prompt_tokens, configuration.tokens, most, configuration.batch, heads)
    if algorithm is not None:
        longest_batch = algorithm.longest_batch
        system = resolved.system
        pending = system.minimum_pending if isinstance(system, AsynchronousSystem) else 1
        look_ahead = max(LOOK_AHEAD_ENTRIES, longest_batch + 1, pending)
    return Lengths(configuration.prompt_tokens, configuration.tokens, look_ahead, configuration.batch)


def _walk(resolved: Resolved) -> TraceWalk | TreeWalk:
    """The way of a run through its trace; the target alone has no need of one, and gets any."""
    configuration, trace = resolved.configuration, resolved.trace
    if isinstance(trace, TreeTrace):
        return TreeWalk(trace, configuration.seed, configuration.batch)
    return TraceWalk(trace, configuration.seed, configuration.coins)


def _policy(resolved: Resolved) -> DraftingPolicy | None:
    return resolved.algorithm.fresh_policy() if resolved.algorithm is not None else None


def _placement(placed: PlacedMachine) -> dict[str, list[tuple[int, int]]]:
    """Channels and ranks of the models that lie on the memory module."""
    ranks = {model: placed.placement.of(model) for model in ("target", "draft")}
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
        **({"own": resolved.own.descriptions} if resolved.own.descriptions else {}),
    }
