"""The player against a controller that looks at a real queue of single commands in every cycle."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import Phase as HypothesisPhase
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.errors import AhasdError
from ahasd.hardware.dram.timing import DramTiming
from ahasd.hardware.pim.commands import (
    HBM2_PIM,
    MEASURED,
    PimCommandModel,
    PimGeometry,
    PimOptions,
    cycles,
    extrapolation,
)
from ahasd.hardware.pim.commands.constraints import Constraints
from ahasd.hardware.pim.commands.elementwise import ElementwiseOperation, elementwise_sections
from ahasd.hardware.pim.commands.extrapolation import Extrapolator
from ahasd.hardware.pim.commands.gemv import gemv_sections
from ahasd.hardware.pim.commands.player import Player
from ahasd.hardware.pim.commands.stream import Body, ControlRow, Group, Phase, Run, Section, flatten

from .drawn import GEOMETRIES, OPTIONS, TIMINGS


@dataclass
class Command:
    write: bool
    bank: int
    row: int
    interval: int
    barrier: bool


@dataclass
class Bank:
    row: int | None = None
    read: int = 0
    write: int = 0
    activate: int = 0
    precharge: int = 0


class QueueController:
    """One cycle at a time; no shortcuts, no relative time, no reuse."""

    def __init__(
        self, timing: DramTiming, geometry: PimGeometry, sections: list[Section], refresh: bool
    ) -> None:
        self.limits = Constraints.of(timing, activation_window=False)
        self.timing, self.geometry = timing, geometry
        self.queue = [
            Command(run.write, run.bank, run.row, run.interval, run is group[-1] and index == run.count - 1)
            for group in flatten(sections)
            for run in group
            for index in range(run.count)
        ]
        self.banks = [Bank() for _ in range(geometry.banks)]
        self.pointer = 0
        self.all_bank = False
        self.seen: set[tuple[str, int]] = set()
        sets = geometry.ranks // geometry.lockstep_ranks
        self.due = [timing.tREFI // sets * (index + 1) for index in range(sets)] if refresh else []
        self.waiting: int | None = None

    def run(self) -> int:
        now = 0
        while self.queue:
            now += 1
            for ranks, due in enumerate(self.due):
                if due == now:
                    self.waiting = ranks
                    self.due[ranks] += self.timing.tREFI
            _ = self.refresh(now) or self.column(now) or self.activate(now) or self.precharge(now)
        return now + self.limits.read_latency + 2

    def refresh(self, now: int) -> bool:
        if self.waiting is None:
            return False
        if self.waiting == 0:
            for index, bank in enumerate(self.banks):
                if bank.row is not None and now >= bank.precharge:
                    self.close(index, now)
                    return True
            if any(bank.row is not None for bank in self.banks):
                return False
            for bank in self.banks:
                bank.activate = now + self.limits.refresh
        self.waiting = None
        return True

    def column(self, now: int) -> bool:
        limits = self.limits
        for index, command in enumerate(self.queue):
            bank = self.banks[command.bank]
            ready = bank.write if command.write else bank.read
            if bank.row == command.row and now >= ready and not (command.barrier and index):
                del self.queue[index]
                self.take_up(command, limits, now)
                return True
            if command.barrier:
                return False
        return False

    def take_up(self, command: Command, limits: Constraints, now: int) -> None:
        bank = self.banks[command.bank]
        to_close = limits.write_to_precharge if command.write else limits.read_to_precharge
        bank.precharge = max(bank.precharge, now + to_close)
        for index, other in enumerate(self.banks):
            near = self.geometry.bank_group(index) == self.geometry.bank_group(command.bank)
            step = limits.column_same if near else limits.column_other
            if command.write:
                other.write = max(other.write, now + step)
                other.read = max(other.read, now + limits.write_to_read)
            else:
                other.read = max(other.read, now + max(step, command.interval))
                other.write = max(other.write, now + max(limits.read_to_write, command.interval))

    def activate(self, now: int) -> bool:
        limits = self.limits
        for index, command in enumerate(self.queue):
            if index and command.barrier:
                return False
            bank = self.banks[command.bank]
            deaf = (
                self.all_bank
                and command.bank >= self.geometry.banks_per_block
                and command.row != ControlRow.ENTER_ALL_BANK
            )
            if bank.row is None and now >= bank.activate and not deaf:
                bank.row = command.row
                bank.activate = max(bank.activate, now + limits.activate_to_activate)
                bank.precharge = max(bank.precharge, now + limits.activate_to_precharge)
                bank.read = max(bank.read, now + limits.activate_to_read)
                bank.write = max(bank.write, now + limits.activate_to_write)
                for number, other in enumerate(self.banks):
                    if number != command.bank:
                        near = self.geometry.bank_group(number) == self.geometry.bank_group(command.bank)
                        gap = limits.activate_other_same if near else limits.activate_other_other
                        other.activate = max(other.activate, now + gap)
                if command.row == ControlRow.ENTER_ALL_BANK and not self.all_bank:
                    self.switch("enter", command.bank, True)
                return True
        return False

    def precharge(self, now: int) -> bool:
        end = (
            next((index for index, command in enumerate(self.queue) if command.barrier), len(self.queue)) + 1
        )
        wanted = {(command.bank, command.row) for command in self.queue[:end]}
        for turn in range(len(self.banks)):
            index = (self.pointer + turn) % len(self.banks)
            bank = self.banks[index]
            if bank.row is not None and (index, bank.row) not in wanted and now >= bank.precharge:
                self.pointer = index
                self.close(index, now)
                return True
        return False

    def close(self, index: int, now: int) -> None:
        bank = self.banks[index]
        if self.all_bank and bank.row == ControlRow.LEAVE_ALL_BANK:
            self.switch("leave", index, False)
        bank.row = None
        bank.activate = max(bank.activate, now + self.limits.precharge_to_activate)

    def switch(self, what: str, bank: int, all_bank: bool) -> None:
        self.seen.add((what, bank))
        sets = self.geometry.banks_per_block
        if sum(name == what for name, _ in self.seen) == (2 * sets if all_bank else sets):
            self.all_bank = all_bank
            self.seen.clear()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    changes=TIMINGS,
    geometry=GEOMETRIES,
    options=OPTIONS,
    outputs=st.integers(1, 200),
    inputs=st.integers(1, 900),
    batch=st.integers(1, 3),
    refresh=st.booleans(),
)
def test_gemv_equals_a_queue_that_is_looked_at_in_every_cycle(
    hbm2: DramTiming,
    changes: dict[str, int],
    geometry: PimGeometry,
    options: PimOptions,
    outputs: int,
    inputs: int,
    batch: int,
    refresh: bool,
) -> None:
    timing = replace(hbm2, **changes)
    sections = gemv_sections(geometry, outputs, inputs, batch, options)
    expected = QueueController(timing, geometry, sections, refresh).run()
    assert PimCommandModel(timing, geometry, options).gemv(outputs, inputs, batch, refresh) == expected


@settings(max_examples=20, deadline=None, derandomize=True)
@given(
    changes=TIMINGS,
    geometry=GEOMETRIES,
    operation=st.sampled_from(list(ElementwiseOperation)),
    length=st.integers(1, 40_000),
    refresh=st.booleans(),
)
def test_elementwise_equals_a_queue_that_is_looked_at_in_every_cycle(
    hbm2: DramTiming,
    changes: dict[str, int],
    geometry: PimGeometry,
    operation: ElementwiseOperation,
    length: int,
    refresh: bool,
) -> None:
    timing = replace(hbm2, **changes)
    sections = elementwise_sections(geometry, operation, length, MEASURED)
    expected = QueueController(timing, geometry, sections, refresh).run()
    assert PimCommandModel(timing, geometry).elementwise(operation, length, refresh) == expected


@pytest.mark.parametrize("refresh", [False, True])
def test_a_machine_with_a_unit_per_bank_equals_the_queue(
    lpddr5: DramTiming, lpddr5_pim: PimGeometry, refresh: bool
) -> None:
    sections = gemv_sections(lpddr5_pim, 200, 2000, 2, MEASURED)
    expected = QueueController(lpddr5, lpddr5_pim, sections, refresh).run()
    assert PimCommandModel(lpddr5, lpddr5_pim).gemv(200, 2000, 2, refresh) == expected


@st.composite
def groups(draw: st.DrawFn) -> Group:
    """Some runs that may be reordered, a row in each of few banks, so that they get in each other's way."""
    rows = draw(st.lists(st.integers(0, 2), min_size=16, max_size=16))
    run = st.builds(
        lambda write, bank, count, phase, interval: Run(write, bank, rows[bank], count, phase, interval),
        st.booleans(),
        st.integers(0, 15),
        st.integers(1, 5),
        st.sampled_from([Phase.COMPUTE, Phase.EPILOGUE]),
        st.sampled_from([0, 9]),
    )
    return tuple(draw(st.lists(run, min_size=1, max_size=6)))


SMALL = replace(HBM2_PIM, channels=1, ranks=1)


@settings(max_examples=150, deadline=None, derandomize=True, phases=[HypothesisPhase.generate])
@given(
    changes=TIMINGS,
    bodies=st.lists(st.lists(groups(), min_size=1, max_size=3).map(tuple), min_size=1, max_size=3),
    repeats=st.integers(1, 4),
    row_step=st.integers(0, 3),
    ranks=st.sampled_from([1, 2]),
    refresh=st.booleans(),
)
def test_any_stream_equals_a_queue_that_is_looked_at_in_every_cycle(
    hbm2: DramTiming,
    changes: dict[str, int],
    bodies: list[Body],
    repeats: int,
    row_step: int,
    ranks: int,
    refresh: bool,
) -> None:
    timing, geometry = replace(hbm2, **changes), replace(SMALL, ranks=ranks)
    sections = [Section(body, repeats, 10 * place, row_step) for place, body in enumerate(bodies)]
    queue = QueueController(timing, geometry, sections, refresh)
    expected = queue.run() - queue.limits.read_latency - 2
    player = Player(geometry, Constraints.of(timing, activation_window=False), timing.tREFI)
    due = tuple(timing.tREFI // ranks * (index + 1) for index in range(ranks)) if refresh else ()
    assert Extrapolator(player).run(sections, due).cycles == expected


def test_a_stream_that_can_never_go_on_is_told(hbm2: DramTiming) -> None:
    """The barrier wants the row that is open, and the command before it another one of the same bank."""
    waits, blocks = (Run(False, 0, row, 1, Phase.COMPUTE) for row in (1, 0))
    player = Player(SMALL, Constraints.of(hbm2, activation_window=False), hbm2.tREFI)
    with pytest.raises(AhasdError, match="cannot go on"):
        Extrapolator(player).run([Section(((blocks,), (waits, blocks)))], ())


def test_what_is_kept_of_earlier_products_is_bounded_and_changes_no_time(
    hbm2: DramTiming, monkeypatch: pytest.MonkeyPatch
) -> None:
    shapes = [(100, 300, 1), (64, 900, 1), (100, 300, 1)]
    cycles.shared_extrapolator.cache_clear()
    kept = PimCommandModel(hbm2, SMALL)
    expected = [kept.gemv(*shape) for shape in shapes]
    monkeypatch.setattr(extrapolation, "_MOST_OUTCOMES", 3)
    cycles.shared_extrapolator.cache_clear()
    bounded = PimCommandModel(hbm2, SMALL)
    held = []
    for shape, found in zip(shapes, expected, strict=True):
        assert bounded.gemv(*shape) == found
        held.append(bounded.kept_outcomes)
    assert kept.kept_outcomes > max(held)
