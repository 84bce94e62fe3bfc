"""The NPU's stream as one of several sources on a channel."""

from ahasd.hardware.channel.co_simulation.command import Command, Kind
from ahasd.hardware.channel.co_simulation.data_bus import DataBus
from ahasd.hardware.dram.controllers.channel_state import ChannelState
from ahasd.hardware.dram.controllers.write_drain import WriteDrainController
from ahasd.hardware.dram.organisation import ChannelOrganisation
from ahasd.hardware.dram.streams.stream import RequestStream
from ahasd.hardware.dram.timing import DramTiming

#: Owner of the stream's data.
STREAM = 0


class StreamSource(WriteDrainController):
    """The write-drain controller on buses that others use too.

    A column command goes only where its data fit on the bus. Starting the data clock and the access after it are
    two commands that others' may come between. Requests arrive in every cycle, whoever has the command bus.
    Alone, with commands of one cycle and a data clock that always runs, it does what the base class does.

    Parameters
    ----------
    timing, organisation, stream
        As for the base class.
    bus
        Where the data go.
    record
        Takes the commands down; None does not.
    """

    def __init__(
        self,
        timing: DramTiming,
        organisation: ChannelOrganisation,
        stream: RequestStream,
        bus: DataBus,
        record: list[Command] | None,
    ) -> None:
        self._bus = bus
        self._record = record
        self._clock_started_for: tuple[int, int] | None = None
        self._seen = -1
        super().__init__(timing, organisation, stream.pattern(organisation.banks), stream.requests)

    def prepare(self) -> None:
        """See the base class."""
        super().prepare()
        if self._record is not None:
            self.state = _RecordedState(self.timing, self.organisation, self._record)

    @property
    def done(self) -> bool:
        """No request is left."""
        return self._clock_started_for is None and super().done

    @property
    def activate_deadline(self) -> int | None:
        """Cycle in which an activate that was begun has to be finished."""
        return self._half[2] if self._half else None

    def finish_activate(self, now: int) -> None:
        """Send the second half of an activate, ahead of its turn."""
        self.now = now
        self._finish_activate()
        self.now = now + self.timing.command_cycles

    def step(self) -> None:
        """See the base class."""
        now = self.now
        if self._clock_started_for is not None:
            bank, direction = self._clock_started_for
            allowed = self._allowed(direction, now)
            if allowed > now:
                if self._half:
                    self.finish_activate(now)
                else:
                    self.now = allowed
                return
            self._clock_started_for = None
            self._burst(bank, direction, now)
            self.now = now + self.timing.command_cycles
            return
        for cycle in range(self._seen + 1, now):
            if not self.queues.fill(cycle):
                break
        self._seen = now
        starting = self.timing.command_cycles if self._clock_stopped(now) else 0
        earliest = self.state.column_channel
        for direction in (0, 1):
            allowed = self._allowed(direction, now + starting)
            if allowed > now + starting:
                earliest[direction] = max(earliest[direction], allowed - starting)
        super().step()

    def _allowed(self, direction: int, cycle: int) -> int:
        """First cycle, from ``cycle`` on, of a column command whose data find the bus free."""
        latency = self.timing.WL if direction else self.timing.RL
        return self._bus.first_begin(STREAM, cycle + latency, self.timing.burst_cycles) - latency

    def _clock_stopped(self, now: int) -> bool:
        return bool(self.timing.tWCKPST) and now >= self.state.data_clock_until

    def _column(self, bank: int, direction: int, now: int) -> None:
        if self._clock_stopped(now):
            self._clock_started_for = (bank, direction)
            if self._record is not None:
                self._record.append(Command(now, STREAM, Kind.START_CLOCK))
        else:
            self._burst(bank, direction, now)

    def _burst(self, bank: int, direction: int, now: int) -> None:
        self.state.column(bank, direction, now)
        end = self.state.data_end(direction, now)
        self.last_data = max(self.last_data, end)
        self._bus.take(STREAM, end - self.timing.burst_cycles, end, now)

    def _finish_activate(self) -> None:
        if self._record is not None and self._half is not None:
            self._record.append(Command(self.now, STREAM, Kind.SECOND_HALF, bank=self._half[0]))
        super()._finish_activate()

    def _issue_refresh(self, targets: range | tuple[int, ...], now: int) -> None:
        if self._record is not None:
            bank = -1 if len(targets) > 1 else targets[0]
            self._record.append(Command(now, STREAM, Kind.REFRESH, bank=bank))
        super()._issue_refresh(targets, now)


class _RecordedState(ChannelState):
    """Takes down what passes; a precharge of all banks counts once."""

    def __init__(self, timing: DramTiming, organisation: ChannelOrganisation, record: list[Command]) -> None:
        super().__init__(timing, organisation)
        self._record = record

    def activate(self, bank: int, row: int, now: int) -> None:
        """See the base class."""
        self._record.append(Command(now, STREAM, Kind.ACTIVATE, bank=bank, row=row))
        super().activate(bank, row, now)

    def column(self, bank: int, direction: int, now: int) -> None:
        """See the base class."""
        end = self.data_end(direction, now)
        data = (end - self.timing.burst_cycles, end)
        kind = Kind.WRITE if direction else Kind.READ
        self._record.append(Command(now, STREAM, kind, bank=bank, row=self.row[bank], data=data))
        super().column(bank, direction, now)

    def precharge(self, bank: int, now: int) -> None:
        """See the base class."""
        last = self._record[-1]
        if last.kind is Kind.PRECHARGE and last.cycle == now:
            self._record[-1] = Command(now, STREAM, Kind.PRECHARGE)
        else:
            self._record.append(Command(now, STREAM, Kind.PRECHARGE, bank=bank))
        super().precharge(bank, now)
