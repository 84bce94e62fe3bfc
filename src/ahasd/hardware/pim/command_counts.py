"""What a PIM product asks of the buses of its channel, counted from its sections."""

from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache

from ahasd.hardware.dram.timing import DramTiming
from ahasd.hardware.pim.commands.constraints import Constraints
from ahasd.hardware.pim.commands.gemv import gemv_sections
from ahasd.hardware.pim.commands.geometry import PimGeometry
from ahasd.hardware.pim.commands.options import PimOptions
from ahasd.hardware.pim.commands.stream import Group, Phase

#: Column commands whose data stay in the ranks; those of all other phases cross the data bus.
INSIDE = frozenset({Phase.COMPUTE, Phase.WRITE_BACK})


@dataclass(slots=True)
class CommandCounts:
    """Use of the buses by one stream of commands, in cycles.

    Attributes
    ----------
    data, runs, longest
        Cycles and number of the runs of bursts on the data bus, and cycles of the longest.
    activates
        Of rows; each is also closed once.
    overhang
        Writes that are still to be issued when the stream may go on: its reads' data come later after their command.
    columns
        Column commands inside the ranks, by the cycles between them.
    """

    data: float = 0.0
    runs: int = 0
    longest: int = 0
    activates: int = 0
    overhang: int = 0
    columns: Counter[int] = field(default_factory=Counter)


class _Counter:
    """Walks groups in order."""

    def __init__(self, timing: DramTiming, constraints: Constraints) -> None:
        self.counts = CommandCounts()
        self._timing, self._constraints, self._burst = timing, constraints, timing.burst_cycles
        self._rows: dict[int, int] = {}
        self._run: tuple[bool, int] | None = None  # direction and cycles of the run that is going on

    def add(self, group: Group) -> None:
        """Count a group."""
        counts, limits = self.counts, self._constraints
        opened = self._open(group)
        counts.activates += opened
        if group[0].phase in INSIDE:
            for run in group:
                pace = limits.column_same if run.write else max(limits.column_same, run.interval)
                counts.columns[pace] += run.count
            self._run = None
            return
        self._on_bus(group, opened)

    def _open(self, group: Group) -> int:
        """Open what a group wants; the player closes every row that it does not. How many rows are opened."""
        rows, first = self._rows, group[0]
        if len(group) == 1:  # as most are
            self._rows = {first.bank: first.row}
            return int(rows.get(first.bank) != first.row)
        wanted = {run.bank: run.row for run in group}
        rows = self._rows = {bank: row for bank, row in rows.items() if wanted.get(bank) == row}
        opened = 0
        for run in group:
            if rows.get(run.bank) != run.row:
                opened += 1
                rows[run.bank] = run.row
        return opened

    def _on_bus(self, group: Group, opened: int) -> None:
        counts, limits, timing = self.counts, self._constraints, self._timing
        write = group[0].write
        step = limits.column_same if len(group) == 1 else limits.column_other
        if opened > 1:
            step = max(step, limits.activate_other_other, limits.four_activate_window // 4)
        count = sum(run.count for run in group)
        if step >= 2 * (self._burst + timing.tRTRS):  # others' bursts fit in between
            counts.runs += count
            counts.data += count * self._burst
            counts.longest = max(counts.longest, self._burst)
            return
        if self._run is not None and not opened and self._run[0] == write:
            cycles = count * step
            counts.data += cycles
            length = self._run[1] + cycles
        else:
            length = (count - 1) * step + self._burst
            counts.data += length
            counts.runs += 1
            early = timing.RL - timing.WL - self._burst - timing.tRTRS
            if write and early >= 0:
                counts.overhang += min(count, early // step + 1)
        counts.longest = max(counts.longest, length)
        self._run = (write, length)

    def repeat(self, body: tuple[Group, ...], times: int) -> None:
        """Count a body `times` times; from the second time on it finds the rows that it leaves."""
        for _ in range(min(times, 2)):
            before = (*self._totals(), dict(self.counts.columns))
            for group in body:
                self.add(group)
        if times > 2:
            counts, more = self.counts, times - 2
            data, runs, activates, overhang, columns = before
            counts.data += more * (counts.data - data)
            counts.runs += more * (counts.runs - runs)
            counts.activates += more * (counts.activates - activates)
            counts.overhang += more * (counts.overhang - overhang)
            for pace, count in counts.columns.items():
                counts.columns[pace] = count + more * (count - columns.get(pace, 0))

    def _totals(self) -> tuple[float, int, int, int]:
        counts = self.counts
        return counts.data, counts.runs, counts.activates, counts.overhang


@lru_cache(maxsize=65536)
def gemv_counts(
    timing: DramTiming, geometry: PimGeometry, options: PimOptions, outputs: int, inputs: int, batch: int
) -> CommandCounts:
    """Use of the buses by a matrix-vector product; not to be changed, since it is kept."""
    counter = _Counter(timing, Constraints.of(timing, options.activation_window))
    for section in gemv_sections(geometry, outputs, inputs, batch, options):
        counter.repeat(section.body, section.repeats)
    return counter.counts
