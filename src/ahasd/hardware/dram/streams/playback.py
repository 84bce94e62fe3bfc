"""Plays streams through a controller, command by command, and extrapolates their periodic part."""

from dataclasses import dataclass
from functools import lru_cache

from ahasd.hardware.dram.controllers.controller import Controller
from ahasd.hardware.dram.controllers.unified import UnifiedController
from ahasd.hardware.dram.controllers.write_drain import WriteDrainController
from ahasd.hardware.dram.organisation import ChannelOrganisation, Refresh, Scheduling
from ahasd.hardware.dram.streams.result import CommandCounts, StreamResult
from ahasd.hardware.dram.streams.stream import RequestStream
from ahasd.hardware.dram.timing import DramTiming

_CONTROLLERS: dict[Scheduling, type[Controller]] = {
    Scheduling.WRITE_DRAIN: WriteDrainController,
    Scheduling.UNIFIED: UnifiedController,
}

#: How often to look for a period where no refresh marks the laps (ours).
_LAP_REQUESTS = 512

#: Requests to play in search of a period before the mean rate is taken (ours).
MAXIMUM_PLAYED = 16384


@dataclass(frozen=True, slots=True)
class _Lap:
    accepted: int
    now: int
    commands: CommandCounts


def play(
    timing: DramTiming, organisation: ChannelOrganisation, stream: RequestStream, begin: int = 0
) -> StreamResult:
    """Play every request; see :func:`stream_cycles`."""
    controller = _controller(timing, organisation, stream, begin)
    while not controller.done:
        controller.step()
    return _result(controller, stream, stream.requests, 0, CommandCounts(), True)


@lru_cache(maxsize=4096)
def stream_cycles(
    timing: DramTiming, organisation: ChannelOrganisation, stream: RequestStream, begin: int = 0
) -> StreamResult:
    """Cost of a stream on one channel.

    Commands are played until the channel is in a state, relative to cycle and row, in which it was before. What
    happened in between then repeats exactly, and is counted instead of played. Where no state recurs within
    ``MAXIMUM_PLAYED`` requests (long patterns against the rhythm of refreshes) the mean rate of the played laps
    stands for the rest, and the result says so.

    Parameters
    ----------
    timing, organisation
        The channel.
    stream
        The requests; they are there from cycle ``begin`` on.
    begin
        Cycle at which the stream begins, on the clock of the refreshes.
    """
    controller = _controller(timing, organisation, stream, begin)
    lap_requests = max(_LAP_REQUESTS, stream.pattern(organisation.banks).period)
    refreshed = organisation.refresh is not Refresh.NONE
    seen: dict[tuple[object, ...], _Lap] = {}
    lap_number = 0
    while not controller.done:
        controller.step()
        number = controller.clock.rounds if refreshed else controller.queues.accepted // lap_requests
        if number == lap_number:
            continue
        lap_number = number
        lap = _Lap(controller.queues.accepted, controller.now, controller.commands())
        key = controller.key()
        if key in seen:
            return _extrapolate(controller, stream, seen[key], lap)
        if lap.accepted > MAXIMUM_PLAYED:
            return _continue_at_mean_rate(controller, stream, list(seen.values()), lap)
        seen[key] = lap
    return _result(controller, stream, stream.requests, 0, CommandCounts(), True)


def _extrapolate(controller: Controller, stream: RequestStream, first: _Lap, lap: _Lap) -> StreamResult:
    """Count the laps that repeat, play the rest."""
    requests = lap.accepted - first.accepted
    times = controller.queues.remaining // requests
    controller.queues.skip(times * requests)
    cycles = times * (lap.now - first.now)
    commands = (lap.commands - first.commands) * times
    while not controller.done:
        controller.step()
    return _result(controller, stream, stream.requests - times * requests, cycles, commands, True)


def _continue_at_mean_rate(
    controller: Controller, stream: RequestStream, laps: list[_Lap], lap: _Lap
) -> StreamResult:
    """Count whole patterns at the mean rate of the played laps without the first few, play the rest."""
    first = laps[min(len(laps) - 1, 2)]
    pattern = stream.pattern(controller.organisation.banks)
    times = controller.queues.remaining // pattern.period
    skipped = times * pattern.period
    controller.queues.skip(skipped)
    played = lap.accepted - first.accepted
    mean = lap.commands - first.commands
    writes = times * sum(pattern.is_write)
    commands = CommandCounts(
        mean.activate * skipped // played,
        skipped - writes,
        writes,
        mean.precharge * skipped // played,
        mean.refresh_all * skipped // played,
        mean.refresh_bank * skipped // played,
    )
    cycles = round(skipped * (lap.now - first.now) / played)
    while not controller.done:
        controller.step()
    return _result(controller, stream, stream.requests - skipped, cycles, commands, times == 0)


def _controller(
    timing: DramTiming, organisation: ChannelOrganisation, stream: RequestStream, begin: int
) -> Controller:
    pattern = stream.pattern(organisation.banks)
    return _CONTROLLERS[organisation.scheduling](timing, organisation, pattern, stream.requests, begin)


def _result(
    controller: Controller,
    stream: RequestStream,
    played: int,
    cycles: int,
    commands: CommandCounts,
    exact: bool,
) -> StreamResult:
    organisation = controller.organisation
    own = controller.last_data - controller.begin
    report = organisation.report_cycles if stream.requests else 0
    return StreamResult(
        own + cycles + report,
        controller.commands() + commands,
        stream.requests * organisation.burst_bytes,
        played,
        exact,
    )
