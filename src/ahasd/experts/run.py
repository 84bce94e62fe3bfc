"""One run of a mixture whose experts lie in two memories."""

from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import groupby

from ahasd.experts.cache.policies import parse_policy
from ahasd.experts.configuration import ExpertsConfiguration
from ahasd.experts.decode.counts import Counts, PassFates
from ahasd.experts.decode.decoder import ExpertDecoder, LayerStep
from ahasd.experts.gate.known_sensitivities import sensitivities
from ahasd.experts.layer_schedule.schedules import layer_schedule
from ahasd.experts.place import PlacedExperts, build_caches, place
from ahasd.experts.prefetch.prefetch import prefetch_named
from ahasd.experts.replay_notes import static_hot_note
from ahasd.experts.result import ExpertFates, ExpertsResult, ExpertsSection
from ahasd.experts.system import WHOLE_LAYERS
from ahasd.family.result import DeviceShares, Way, Work
from ahasd.family.run import Run
from ahasd.family.verdict import verdict
from ahasd.hardware.cost import StepCost
from ahasd.simulation.engine import to_picoseconds
from ahasd.simulation.outcome import Outcome
from ahasd.simulation.timeline import Task, Timeline

#: The plain ways: what llama.cpp does, and copying whatever is missing.
PLAIN = ("experts-offload-layers", "experts-lru")


class ExpertsRun(Run):
    """A text of a mixture, on a machine."""

    def __init__(self, configuration: ExpertsConfiguration) -> None:
        self.configuration = configuration
        self.placed: PlacedExperts = place(configuration)
        self._costs = self.placed.machine.costs(self.placed.mixture)
        self._steps: list[LayerStep] = []
        self._counts: dict[bool, Counts] = {}
        self._outcome: Outcome[Task] | None = None
        self._schedule = layer_schedule(self.placed.system.schedule)
        if self.placed.passes:  # what the machine cannot do is said now
            self._schedule.assign([], self._costs)

    @property
    def work(self) -> int:
        """Tokens of the continuations."""
        return int(self.placed.trace.written.sum())

    @property
    def outcome(self) -> Outcome[Task]:
        """What was done."""
        return self._outcome if self._outcome is not None else self.simulate()

    def simulate(self, watch: Callable[[int], None] | None = None) -> Outcome[Task]:
        """Go through the text."""
        placed = self.placed
        decoder = ExpertDecoder(
            placed.trace,
            build_caches(placed),
            prefetch_named(placed.system.prefetch),
            self._schedule,
            self._costs,
            placed.machine.dense_seconds(placed.mixture),
        )
        timeline = Timeline[Task]()
        for step in decoder.walk(placed.passes, watch):
            self._steps.append(step)
            _draw(timeline, step)
        self._counts = decoder.counts
        end = to_picoseconds(self._steps[-1].end) if self._steps else 0
        hits = [
            (to_picoseconds(one.start_s), one.resident / one.needed) for one in self.passes() if one.needed
        ]
        self._outcome = Outcome(end, timeline, counters={"cache hits": tuple(hits)})
        return self._outcome

    def result(self) -> ExpertsResult:
        """Add it up, and hold it against the plain ways on the same machine."""
        placed, seconds = self.placed, self.seconds
        counts = self._counts[True]
        resident = counts.hits + counts.ahead_used
        loads = (counts.copied + counts.fetched_ahead) / self.work
        own = Way(name=placed.system.name, tokens_per_second=self.work / seconds, joules_per_token=None)
        prefix = [step for step in self._steps if not placed.passes[step.number].written]
        section = ExpertsSection(
            mixture=placed.mixture.name,
            machine=placed.machine.name,
            cached=sum(placed.slots) / (placed.mixture.layers * placed.mixture.experts),
            slots=placed.slots,
            passes=sum(one.written for one in placed.passes),
            decode=ExpertFates(
                needed=counts.needed,
                hits=counts.hits,
                ahead_used=counts.ahead_used,
                copied=counts.copied,
                on_host=counts.on_host,
                fetched_ahead=counts.fetched_ahead,
                hit_rate=resident / counts.needed,
                loads_per_token=loads,
                bytes_per_token=loads * placed.mixture.expert_bytes,
            ),
            prefix_seconds=sum(step.end - step.start for step in prefix),
            prefix_tokens=placed.trace.tokens - self.work,
        )
        plain = self._plain_ways(placed.system.name)
        return ExpertsResult(
            family="experts",
            system=placed.system.name,
            hardware=placed.machine.name,
            verdict=verdict(own, plain, placed.system.name in PLAIN),
            work=Work(done=self.work, unit="token"),
            seconds=seconds,
            energy_j={},
            average_power_w=None,
            energy_report=None,
            devices=self._shares(),
            options=placed.system.model_dump(exclude={"name", "description", "family", "default_hardware"}),
            notes=self._notes(),
            reproduce=self.frozen().model_dump(mode="json"),
            tokens=self.work,
            tokens_per_second=self.work / seconds,
            joules_per_token=None,
            tpot_s=seconds / self.work,
            experts=section,
        )

    @cached_property
    def seconds(self) -> float:
        """Of the continuations."""
        assert self.outcome is not None, "simulated"
        return sum(step.end - step.start for step in self._steps if self.placed.passes[step.number].written)

    def passes(self) -> list[PassFates]:
        """What each pass of the run needed, and where that was, all layers together."""
        found = []
        for number, steps in groupby(self._steps, key=lambda step: step.number):
            layers = list(steps)
            works = [
                work
                for one in layers
                for work in (*one.assignment.resident, *one.assignment.copied, *one.assignment.host)
            ]
            resident = sum(work.resident for work in works)
            copied = sum(len(one.assignment.copied) for one in layers)
            found.append(
                PassFates(
                    number, layers[0].start, len(works), resident, copied, len(works) - resident - copied
                )
            )
        return found

    def frozen(self) -> ExpertsConfiguration:
        """Everything written out."""
        update = {
            "system": self.placed.system.model_dump(),
            "hardware": self.placed.machine.model_dump(mode="json"),
            "set": (),
        }
        return self.configuration.model_copy(update=update)

    def _plain_ways(self, own: str) -> Sequence[Way]:
        """The plain ways that this machine has, run on the same text."""
        ways = []
        for name in PLAIN:
            if name == own or (name == PLAIN[0] and self._costs.host is None):
                continue
            update = {"system": name, "set": (), "hardware": self.placed.machine.model_dump(mode="json")}
            run = ExpertsRun(self.configuration.model_copy(update=update))
            ways.append(Way(name=name, tokens_per_second=run.work / run.seconds, joules_per_token=None))
        return ways

    def _shares(self) -> dict[str, DeviceShares]:
        """Of the time of the continuations."""
        steps = [step for step in self._steps if self.placed.passes[step.number].written]
        dense = sum(step.chosen - step.start for step in steps)
        busy = {"processor": dense + sum(step.times.processor_busy for step in steps)}
        if self._costs.host is not None:
            busy["host"] = sum(step.times.host_busy for step in steps)
        busy["link"] = sum(step.times.copy_busy for step in steps)
        shares = {name: min(1.0, time / self.seconds) for name, time in busy.items()}
        return {name: DeviceShares(busy=share, idle=1 - share, blocked=0.0) for name, share in shares.items()}

    def _notes(self) -> list[str]:
        placed = self.placed
        notes = [
            f"Routing: {placed.trace.header.model}, {placed.trace.tokens} tokens; {placed.machine.description}."
        ]
        if placed.trace.header.synthetic:
            notes.append(
                "Made-up routing: these figures show what follows from its numbers, not what a model does."
            )
        if placed.system.gate == "sensitivity":
            known = sensitivities(placed.trace.header.model, placed.trace.layers)
            notes.append(
                f"The gate leaves experts out, which changes the text; its sensitivities are {known.source}. "
                "`ahasd moe gate` measures on a real mixture what that costs."
            )
        policy = None if placed.system.cache == WHOLE_LAYERS else parse_policy(placed.system.cache)
        if policy is not None and policy.name == "static-hot":
            notes.append(static_hot_note(policy))
        if self.placed.system.cache.startswith("belady"):
            notes.append("belady knows what comes: a bound, not a system that runs.")
        return notes


def _draw(timeline: Timeline[Task], step: LayerStep) -> None:
    """Put a layer on the timeline."""
    nothing = StepCost()

    def add(track: str, kind: str, start: float, end: float) -> None:
        if end > start:
            timeline.add(Task(track, kind, to_picoseconds(start), to_picoseconds(end), nothing))

    add("processor", f"dense {step.layer}", step.start, step.chosen)
    add("processor", f"experts {step.layer}", step.chosen, step.chosen + step.times.processor_busy)
    add("host", f"experts {step.layer}", step.chosen, step.chosen + step.times.host_busy)
    add("link", f"copies {step.layer}", step.chosen, step.chosen + step.times.copy_busy)
