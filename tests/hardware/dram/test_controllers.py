"""The controllers against ones that look at a plain list of requests in every cycle, with no shortcut."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import count

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ahasd.hardware.dram.organisation import ChannelOrganisation, Refresh, Scheduling
from ahasd.hardware.dram.streams.playback import play, stream_cycles
from ahasd.hardware.dram.streams.result import CommandCounts
from ahasd.hardware.dram.streams.stream import RequestStream
from ahasd.hardware.dram.timing import DramTiming

from .drawn import ORGANISATIONS, STREAMS, TIMINGS

READ, WRITE, ACTIVATE, PRECHARGE, REFRESH, REFRESH_ALL = "R", "W", "A", "P", "r", "F"

#: Number, bank, row, read or write.
Request = tuple[int, int, int, str]


class Rules:
    """What may follow what: the last command of each kind in each bank, and the distances from it."""

    def __init__(self, timing: DramTiming, organisation: ChannelOrganisation) -> None:
        self.timing, self.organisation = timing, organisation
        self.last: dict[tuple[str, int], int] = {}
        self.activates: list[int] = []
        self.clock_until = self.data_until = 0
        self.counts = dict.fromkeys((ACTIVATE, READ, WRITE, PRECHARGE, REFRESH_ALL, REFRESH), 0)

    def issue(self, kind: str, bank: int, cycle: int) -> None:
        self.last[kind, bank] = cycle
        self.counts[kind] += 1
        if kind == ACTIVATE:
            self.activates.append(cycle)
        elif kind in (READ, WRITE):
            latency = self.timing.RL if kind == READ else self.timing.WL
            end = cycle + latency + self.timing.burst_cycles
            self.data_until = max(self.data_until, end)
            self.clock_until = max(self.clock_until, end + self.timing.tWCKPST)

    def allowed(self, kind: str, bank: int, now: int) -> bool:
        four_ago = self.activates[-4:-3]
        if kind == ACTIVATE and four_ago and now < four_ago[0] + self.timing.tFAW:
            return False
        return all(
            now >= cycle + distance
            for (first, where), cycle in self.last.items()
            for distance in self.distances(first, where, kind, bank)
        )

    def distances(self, first: str, where: int, then: str, bank: int) -> Iterable[int]:
        timing, burst = self.timing, self.timing.burst_cycles
        same = where == bank
        near = self.organisation.group_of(max(where, 0)) == self.organisation.group_of(bank)
        match first + then:
            case "AA":
                yield timing.tRC if same else max(timing.tRRDS, timing.tRRDL if near else 0)
            case "AR" | "AW" if same:
                yield timing.tRCDRD if then == READ else timing.tRCDWR
            case "AP" if same:
                yield timing.tRAS
            case "RR" | "WW":
                yield max(burst, timing.tCCDL if near else 0, timing.tCCDS)
            case "RW":
                yield timing.RL + burst + timing.tRTRS - timing.WL
            case "WR":
                yield timing.WL + burst + timing.tWTRS
                if near:
                    yield timing.WL + max(burst, timing.burst_cycles_long) + timing.tWTRL
            case "RP" if same and self.organisation.precharge_after_burst:
                yield burst + max(0, timing.tRTPL - timing.tCCDL)
            case "RP" if same:
                yield timing.tRTPL
            case "WP" if same:
                yield timing.WL + burst + timing.tWR
            case "PP":
                yield timing.tPPD
            case "PA" | "Pr" | "PF" if same:
                yield timing.tRP
            case "Ar" | "AF" if same:
                yield timing.tRC
            case "FA" | "FF":
                yield timing.tRFC
            case "rA" | "rF":
                yield (timing.tRFCpb or timing.tRFC) if same else timing.tPBR2ACT
            case "rr":
                yield max(timing.tPBR2PBR, (timing.tRFCpb or timing.tRFC) if same else 0)


class EveryCycle:
    """What both controllers have in common: requests that come in, and refreshes that fall due."""

    def __init__(
        self, timing: DramTiming, organisation: ChannelOrganisation, stream: RequestStream, begin: int
    ) -> None:
        self.timing, self.organisation, self.begin = timing, organisation, begin
        self.rules = Rules(timing, organisation)
        self.rules.data_until = begin
        pattern, banks = stream.pattern(organisation.banks), organisation.banks
        self.coming: list[Request] = []
        for number in range(stream.requests):
            turn, place = divmod(number, pattern.period)
            row = pattern.row[place] + turn * pattern.rows_per_period
            self.coming.append((number, number % banks, row, WRITE if pattern.is_write[place] else READ))
        self.waiting: list[Request] = []
        self.rows: dict[int, int] = {}
        per_bank = organisation.refresh is Refresh.PER_BANK
        self.order = organisation.refresh_order() if per_bank else tuple(range(organisation.ranks))
        self.interval = timing.tREFI // organisation.ranks
        if per_bank:
            self.interval = timing.tREFIpb or timing.tREFI // banks
        self.refreshes = count(1)
        self.next_refresh = next(number for number in self.refreshes if number * self.interval >= begin)
        self.now = begin + 1

    def run(self) -> tuple[int, CommandCounts]:
        while self.busy:
            assert self.now < 100_000, "requests starve"
            self.take_in()
            for _ in range(self.cycle() or 1):
                self.now += 1
        return self.rules.data_until - self.begin, CommandCounts(*self.rules.counts.values())

    @property
    def busy(self) -> bool:
        return bool(self.coming or self.waiting)

    def take_in(self) -> None:
        for _ in range(self.organisation.requests_per_cycle):
            if not self.coming or not self.has_room(self.coming[0]):
                return
            self.waiting.append(self.coming.pop(0))

    def due(self) -> int | None:
        """Whose refresh falls due, each once."""
        if self.organisation.refresh is Refresh.NONE or self.now < self.next_refresh * self.interval:
            return None
        self.next_refresh += 1
        return self.order[(self.next_refresh - 2) % len(self.order)]

    def close(self, bank: int) -> None:
        self.rules.issue(PRECHARGE, bank, self.now)
        del self.rows[bank]

    def has_room(self, request: Request) -> bool:
        raise NotImplementedError

    def cycle(self) -> int:
        """Issue what can go; return the cycles that it takes."""
        raise NotImplementedError


class Draining(EveryCycle):
    """Reads and writes apart, as the class of the controller says."""

    draining = False
    half: Request | None = None
    deadline = 0

    def __init__(self, *given: object) -> None:
        super().__init__(*given)  # type: ignore[arg-type]
        self.opened: list[Request] = []
        self.refresh_of: list[int] = []

    @property
    def busy(self) -> bool:
        return bool(self.coming or self.waiting or self.opened or self.half)

    def waiting_in(self, direction: str) -> list[Request]:
        return [request for request in self.waiting if request[3] == direction]

    def has_room(self, request: Request) -> bool:
        limit = self.organisation.read_queue if request[3] == READ else self.organisation.write_queue
        return len(self.waiting_in(request[3])) < limit

    def cycle(self) -> int:
        slot = self.timing.command_cycles
        while (bank := self.due()) is not None:
            self.refresh_of.append(bank)
        if self.half and self.now >= self.deadline:
            return self.second_half()
        for request in sorted(self.opened):
            if self.rules.allowed(request[3], request[1], self.now):
                self.opened.remove(request)
                return self.column(request)
        if self.refresh_of:
            return slot * self.refresh() or self.second_half()
        return self.begin_request() or self.second_half()

    def second_half(self) -> int:
        if not self.half:
            return 0
        self.rows[self.half[1]] = self.half[2]
        self.opened.append(self.half)
        self.half = None
        return self.timing.command_cycles

    def column(self, request: Request) -> int:
        slot = self.timing.command_cycles
        starts_clock = self.timing.tWCKPST > 0 and self.now >= self.rules.clock_until
        self.rules.issue(request[3], request[1], self.now + starts_clock * slot)
        return slot * (1 + starts_clock)

    def refresh(self) -> bool:
        bank, per_bank = self.refresh_of[0], self.organisation.refresh is Refresh.PER_BANK
        targets = [bank] if per_bank else list(range(self.organisation.banks))
        held = [request[1] for request in self.opened] + ([self.half[1]] if self.half else [])
        if any(target in held for target in targets):
            return False
        to_close = [target for target in targets if target in self.rows]
        if to_close:
            if not all(self.rules.allowed(PRECHARGE, target, self.now) for target in to_close):
                return False
            for target in to_close:
                self.close(target)
            return True
        kind = REFRESH if per_bank else REFRESH_ALL
        if not all(self.rules.allowed(kind, target, self.now) for target in targets):
            return False
        self.rules.issue(kind, bank, self.now)
        self.refresh_of.pop(0)
        return True

    def begin_request(self) -> int:
        reads, writes = len(self.waiting_in(READ)), len(self.waiting_in(WRITE))
        size = self.organisation.write_queue
        if self.draining:
            self.draining = not (reads and writes < self.organisation.write_low * size)
        else:
            self.draining = not reads or writes > self.organisation.write_high * size
        wanted: set[int] = set()  # banks whose open row an older request waits for
        for request in self.waiting_in(WRITE if self.draining else READ):
            _, bank, row, direction = request
            if self.half and self.half[1] == bank:
                continue
            if bank not in self.rows:
                if not self.half and self.rules.allowed(ACTIVATE, bank, self.now):
                    return self.activate(request)
            elif self.rows[bank] == row:
                wanted.add(bank)
                if self.rules.allowed(direction, bank, self.now):
                    self.waiting.remove(request)
                    return self.column(request)
            elif (
                bank not in wanted
                and all(bank != other[1] for other in self.opened)
                and self.rules.allowed(PRECHARGE, bank, self.now)
            ):
                self.close(bank)
                return self.timing.command_cycles
        return 0

    def activate(self, request: Request) -> int:
        self.waiting.remove(request)
        self.rules.issue(ACTIVATE, request[1], self.now)
        if self.timing.tAAD:
            self.half, self.deadline = request, self.now + self.timing.tAAD
        else:
            self.rows[request[1]] = request[2]
            self.opened.append(request)
        return self.timing.command_cycles


class Unified(EveryCycle):
    """One queue, as the class of the controller says."""

    refresh_waits = False
    pointer = 0

    def has_room(self, request: Request) -> bool:
        return len(self.waiting) < self.organisation.read_queue

    def cycle(self) -> int:
        rank = self.due()
        if rank is not None:
            self.refresh_waits = rank == 0
        done = rank or (self.refresh_waits and self.refresh()) or self.request() or self.close_unused()
        return self.timing.command_cycles if done else 0

    def refresh(self) -> bool:
        for bank in sorted(self.rows):
            if self.rules.allowed(PRECHARGE, bank, self.now):
                self.close(bank)
                return True
        if self.rows:
            return False
        self.rules.issue(REFRESH_ALL, 0, self.now)
        self.refresh_waits = False
        return True

    def heads(self) -> dict[int, Request]:
        """Oldest request of each bank."""
        return {request[1]: request for request in reversed(self.waiting)}

    def request(self) -> bool:
        heads = sorted(self.heads().values())
        for request in heads:
            _, bank, row, direction = request
            if self.rows.get(bank) == row and self.rules.allowed(direction, bank, self.now):
                self.waiting.remove(request)
                self.rules.issue(direction, bank, self.now)
                return True
        for _, bank, row, _ in heads:
            if bank not in self.rows and self.rules.allowed(ACTIVATE, bank, self.now):
                self.rules.issue(ACTIVATE, bank, self.now)
                self.rows[bank] = row
                return True
        return False

    def close_unused(self) -> bool:
        heads, banks = self.heads(), self.organisation.banks
        for bank in ((self.pointer + turn) % banks for turn in range(banks)):
            if bank not in self.rows or (bank in heads and heads[bank][2] == self.rows[bank]):
                continue
            if self.rules.allowed(PRECHARGE, bank, self.now):
                self.close(bank)
                self.pointer = bank
                return True
        return False


@settings(max_examples=60, deadline=None, derandomize=True, phases=[Phase.generate])
@given(
    timing=TIMINGS,
    halves=st.sampled_from([0, 4, 8]),
    data_clock=st.sampled_from([0, 1, 6]),
    organisation=ORGANISATIONS,
    refresh=st.sampled_from(list(Refresh)),
    stream=STREAMS,
    begin=st.sampled_from([0, 60, 500]),
)
def test_draining_writes_equals_lists_that_are_looked_at_in_every_cycle(
    timing, halves, data_clock, organisation, refresh, stream, begin
):
    timing = replace(timing, tAAD=halves, tWCKPST=data_clock)
    organisation = replace(organisation, refresh=refresh)
    if refresh is Refresh.PER_BANK:  # so rarely that they do not take all the time
        timing = replace(timing, tREFI=timing.tREFI // 2 * organisation.banks)
    played = play(timing, organisation, stream, begin)
    expected, commands = Draining(timing, organisation, stream, begin).run()
    assert (played.cycles - organisation.report_cycles, played.commands) == (expected, commands)


@settings(max_examples=60, deadline=None, derandomize=True, phases=[Phase.generate])
@given(
    timing=TIMINGS,
    organisation=ORGANISATIONS,
    refresh=st.sampled_from([Refresh.NONE, Refresh.ALL_BANK]),
    stream=STREAMS,
    begin=st.sampled_from([0, 60, 500]),
)
def test_one_queue_equals_a_list_that_is_looked_at_in_every_cycle(
    timing, organisation, refresh, stream, begin
):
    timing = replace(timing, tAAD=0, tWCKPST=0)
    organisation = replace(organisation, refresh=refresh, scheduling=Scheduling.UNIFIED)
    played = play(timing, organisation, stream, begin)
    expected, commands = Unified(timing, organisation, stream, begin).run()
    assert (played.cycles - organisation.report_cycles, played.commands) == (expected, commands)


@settings(max_examples=40, deadline=None, derandomize=True, phases=[Phase.generate])
@given(
    timing=TIMINGS,
    halves=st.sampled_from([0, 8]),
    data_clock=st.sampled_from([0, 6]),
    organisation=ORGANISATIONS,
    scheduling=st.sampled_from(list(Scheduling)),
    refresh=st.sampled_from(list(Refresh)),
    stream=STREAMS,
    requests=st.integers(500, 5000),
)
def test_counting_what_recurs_equals_playing_it(
    timing, halves, data_clock, organisation, scheduling, refresh, stream, requests
):
    if scheduling is Scheduling.UNIFIED:
        refresh, halves, data_clock = Refresh.ALL_BANK, 0, 0
    elif refresh is Refresh.PER_BANK:
        timing = replace(timing, tREFI=timing.tREFI // 2 * organisation.banks)
    timing = replace(timing, tAAD=halves, tWCKPST=data_clock)
    organisation = replace(organisation, refresh=refresh, scheduling=scheduling)
    stream = replace(stream, requests=requests, read_share=round(stream.read_share))
    counted, played = (f(timing, organisation, stream) for f in (stream_cycles, play))
    assert counted.exact
    assert (counted.cycles, counted.commands) == (played.cycles, played.commands)
