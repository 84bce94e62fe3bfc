"""One run of sparse attention in bonded memory."""

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ahasd.family.energy_report import DeviceEnergy, EnergyReport
from ahasd.family.result import DeviceShares, Way, Work
from ahasd.family.run import Run
from ahasd.family.verdict import verdict
from ahasd.hardware.cost import StepCost
from ahasd.simulation.engine import to_picoseconds
from ahasd.simulation.outcome import Outcome
from ahasd.simulation.timeline import Task, Timeline
from ahasd.sparse_attention.configuration import SparseAttentionConfiguration
from ahasd.sparse_attention.heads.head_class import HeadClass
from ahasd.sparse_attention.place import PlacedAttention, place
from ahasd.sparse_attention.result import SparseAttentionResult, SparseAttentionSection
from ahasd.sparse_attention.step.decode_step import DecodeStep, decode_step
from ahasd.sparse_attention.unused_options import unused_options

#: The plain ways: nothing is left out.
PLAIN = ("dense-bonded", "helios-like")

#: Which part of the device draws what.
_DRAWN_BY = {
    "banks": ("bank_access", "element_compute"),
    "routers": ("routers",),
    "channels": ("channels",),
    "npu": ("other_compute", "selection"),
}


class SparseAttentionRun(Run):
    """Some tokens of a text, or of several decoded together, on a device."""

    def __init__(self, configuration: SparseAttentionConfiguration) -> None:
        self.configuration = configuration
        self.placed: PlacedAttention = place(configuration)
        self._steps: list[DecodeStep] = []
        self._outcome: Outcome[Task] | None = None

    @property
    def work(self) -> int:
        """Tokens of all texts."""
        return len(self.placed.contexts) * self.configuration.batch

    @property
    def outcome(self) -> Outcome[Task]:
        """What was done."""
        return self._outcome if self._outcome is not None else self.simulate()

    def simulate(self, watch: Callable[[int], None] | None = None) -> Outcome[Task]:
        """Go through the steps."""
        placed, now = self.placed, 0.0
        timeline = Timeline[Task]()
        for number, context in enumerate(placed.contexts):
            step = decode_step(
                placed.attention,
                placed.device,
                self.configuration.batch,
                context,
                self.configuration.weights_at,
                number,
            )
            self._steps.append(step)
            now = _draw(timeline, step, now)
            if watch is not None:
                watch((number + 1) * self.configuration.batch)
        self._outcome = Outcome(to_picoseconds(now), timeline)
        return self._outcome

    @cached_property
    def seconds(self) -> float:
        """Of all steps."""
        assert self.outcome is not None, "simulated"
        return sum(step.seconds for step in self._steps)

    @cached_property
    def joules(self) -> dict[str, float]:
        """Of all steps, by component."""
        assert self.outcome is not None, "simulated"
        names = self._steps[0].joules
        return {name: sum(step.joules[name] for step in self._steps) for name in names}

    @cached_property
    def bank_seconds(self) -> npt.NDArray[np.float64]:
        """B: how long each bank works at attention in a step, over all layers, in the mean."""
        assert self.outcome is not None, "simulated"
        return np.asarray(np.mean([step.attention.bank_seconds.sum(axis=0) for step in self._steps], axis=0))

    def result(self) -> SparseAttentionResult:
        """Add it up, and hold it against the plain ways on the same device."""
        placed, seconds, joules = self.placed, self.seconds, sum(self.joules.values())
        own = Way(
            name=placed.system.name,
            tokens_per_second=self.work / seconds,
            joules_per_token=joules / self.work,
        )
        return SparseAttentionResult(
            family="sparse_attention",
            system=placed.system.name,
            hardware=placed.device.name,
            verdict=verdict(own, self._plain_ways(), not placed.system.sparse),
            work=Work(done=self.work, unit="token"),
            seconds=seconds,
            energy_j=self.joules,
            average_power_w=joules / seconds,
            energy_report=self._energy_report(),
            devices=self._shares(),
            options=placed.system.model_dump(exclude={"name", "description", "family", "default_hardware"}),
            notes=self._notes(),
            reproduce=self.frozen().model_dump(mode="json"),
            tokens=self.work,
            tokens_per_second=self.work / seconds,
            joules_per_token=joules / self.work,
            tpot_s=seconds / len(self._steps),
            sparse_attention=self._section(),
        )

    def frozen(self) -> SparseAttentionConfiguration:
        """Everything written out."""
        update = {
            "system": self.placed.system.model_dump(),
            "hardware": self.placed.device.model_dump(mode="json"),
            "set": (),
        }
        return self.configuration.model_copy(update=update)

    def _plain_ways(self) -> Sequence[Way]:
        ways = []
        for name in PLAIN:
            if name == self.placed.system.name:
                continue
            update = {"system": name, "set": (), "hardware": self.placed.device.model_dump(mode="json")}
            run = SparseAttentionRun(self.configuration.model_copy(update=update))
            joules = sum(run.joules.values())
            ways.append(
                Way(
                    name=name,
                    tokens_per_second=run.work / run.seconds,
                    joules_per_token=joules / run.work,
                )
            )
        return ways

    def _section(self) -> SparseAttentionSection:
        placed, steps = self.placed, self._steps
        split, count = placed.attention.split, len(steps)
        times = [time for step in steps for time in step.attention.times]
        heads = {one: int((split.classes == one).sum()) for one in HeadClass}
        return SparseAttentionSection(
            model=placed.attention.shape.name,
            device=placed.device.name,
            mapping=placed.attention.mapping.title,
            context=placed.contexts[-1],
            requests=self.configuration.batch,
            dense_heads=heads[HeadClass.DENSE],
            paged_heads=heads[HeadClass.PAGED],
            streaming_heads=heads[HeadClass.STREAMING],
            attention_s=sum(step.attention.seconds for step in steps) / count,
            other_s=sum(step.other.seconds for step in steps) / count,
            phases_s={
                "queries": sum(time.query for time in times) / count,
                "banks": sum(time.banks for time in times) / count,
                "selection": sum(time.selection for time in times) / count,
                "merge": sum(time.merge for time in times) / count,
            },
            attention_bytes=sum(float(step.attention.bank_bytes.sum()) for step in steps) / count,
            other_bytes=sum(step.other.bank_bytes for step in steps) / count,
            straggling=sum(step.attention.straggling for step in steps) / count,
            attention_j=sum(sum(step.attention_joules.values()) for step in steps) / count,
        )

    def _shares(self) -> dict[str, DeviceShares]:
        """The banks' is the mean bank's."""
        times = [time for step in self._steps for time in step.attention.times]
        other = {
            place: sum(step.other.seconds for step in self._steps if step.other.place == place)
            for place in ("banks", "npu")
        }
        busy = {
            "banks": sum(float(time.bank_seconds.mean()) for time in times) + other["banks"],
            "channels": sum(time.query for time in times),
            "npu": sum(time.selection for time in times) + other["npu"],
            "routers": sum(time.merge for time in times),
        }
        shares = {name: min(1.0, seconds / self.seconds) for name, seconds in busy.items()}
        return {name: DeviceShares(busy=share, idle=1 - share, blocked=0.0) for name, share in shares.items()}

    def _energy_report(self) -> EnergyReport:
        joules = self.joules
        dynamic = {name: sum(joules[part] for part in parts) for name, parts in _DRAWN_BY.items()}
        total = sum(joules.values())
        return EnergyReport(
            by_device={name: DeviceEnergy(dynamic_j=value, static_j=0.0) for name, value in dynamic.items()}
            | {"standby": DeviceEnergy(dynamic_j=0.0, static_j=joules["static"])},
            dynamic_j=sum(dynamic.values()),
            static_j=joules["static"],
            tokens_per_wh=3600.0 * self.work / total,
            minutes_per_wh=60.0 * self.seconds / total,
        )

    def _notes(self) -> list[str]:
        placed, notes = self.placed, []
        notes.append(f"Device: {placed.device.description}.")
        notes += unused_options(self.configuration, placed.system)
        if placed.system.streaming:
            notes.append(f"Heads: {placed.heads_source}.")
        if placed.system.paged:
            notes.append(
                "Pages are drawn, each with the same chance; a trace says which a model chooses."
                if placed.trace is None
                else f"Pages: {placed.heads_source}, {placed.trace.steps} steps."
            )
            if placed.trace is not None and placed.trace.header.synthetic:
                notes.append(
                    "Made-up attention: these figures show what follows from its numbers, not what a model does."
                )
        if placed.system.sparse:
            notes.append("What leaving tokens out costs in quality is not told.")
        if placed.device.routers.ideal:
            notes.append("Links between banks take no time (routers.ideal).")
        return notes


def _draw(timeline: Timeline[Task], step: DecodeStep, now: float) -> float:
    """Put a step on the timeline; when it ends."""
    nothing = StepCost()

    def add(track: str, kind: str, seconds: float) -> None:
        nonlocal now
        if seconds > 0:
            timeline.add(Task(track, kind, to_picoseconds(now), to_picoseconds(now + seconds), nothing))
        now += seconds

    for layer, time in enumerate(step.attention.times):
        add("channels", f"queries {layer}", time.query)
        add("banks", f"attention {layer}", time.banks)
        add("npu", f"selection {layer}", time.selection)
        add("routers", f"merge {layer}", time.merge)
    add(step.other.place, "products with weights", step.other.seconds)
    return now
