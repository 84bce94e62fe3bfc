"""An NPU stream and PIM operations on one channel, command by command."""

from dataclasses import dataclass

from ahasd.hardware.channel.co_simulation.arbitration import Arbitration
from ahasd.hardware.channel.co_simulation.command import Command
from ahasd.hardware.channel.co_simulation.data_bus import DataBus
from ahasd.hardware.channel.co_simulation.pim_agent import PimAgent
from ahasd.hardware.channel.co_simulation.stream_source import StreamSource
from ahasd.hardware.channel.co_simulation.work import PimWork
from ahasd.hardware.dram.organisation import ChannelOrganisation
from ahasd.hardware.dram.streams.stream import RequestStream
from ahasd.hardware.dram.timing import DramTiming

DEFAULT_ARBITRATION = Arbitration()


@dataclass(frozen=True, slots=True)
class SharedCycles:
    """When each side is done; 0 for a side that is absent.

    Attributes
    ----------
    stream
        Cycle at which the stream's last data have passed.
    pim
        Cycle at which the last PIM stream's last data have passed.
    """

    stream: int
    pim: int


def co_simulate(
    timing: DramTiming,
    organisation: ChannelOrganisation,
    stream: RequestStream | None,
    work: PimWork | None,
    first_refreshes: tuple[int, ...] = (),
    arbitration: Arbitration = DEFAULT_ARBITRATION,
    record: list[Command] | None = None,
) -> SharedCycles:
    """Play both sides on one channel until both are done.

    Parameters
    ----------
    timing, organisation
        The channel; the organisation says how the stream's rank is refreshed.
    stream
        What the NPU reads and writes, in the first rank; None for nothing.
    work
        What the PIM ranks do; None for nothing.
    first_refreshes
        Cycle of the first refresh of each stream of PIM commands; empty for no refresh.
    arbitration
        Who goes first.
    record
        Takes down every command.
    """
    bus = DataBus(timing.tRTRS)
    source = StreamSource(timing, organisation, stream or RequestStream(0), bus, record)
    agents = []
    if work is not None:
        for index in range(work.agents):
            first = first_refreshes[index] if first_refreshes else None
            agents.append(PimAgent(index + 1, work, timing, first, bus, arbitration, record))
    working = list(agents)
    slot = timing.command_cycles
    free = 0  # first cycle of the command bus that PIM has not taken
    while working or not source.done:
        time = -(-max(source.now, free) // slot) * slot
        if working:
            agent = min(working, key=_turn)
            if source.done or agent.time <= time:
                now = agent.time
                agent.look(max(free, now))
                if agent.time > now:
                    continue
                deadline = source.activate_deadline
                if deadline is not None and now + agent.slots * slot > deadline // slot * slot:
                    source.finish_activate(now)
                    free = now + slot
                    continue
                free = now + agent.slots * slot
                agent.issue()
                if agent.done:
                    working.remove(agent)
                elif all(other.waits for other in working):
                    for other in working:
                        other.go_on(free)
                continue
        source.now = time
        source.step()
    return SharedCycles(
        source.last_data if stream and stream.requests else 0,
        max((agent.cycles for agent in agents), default=0),
    )


def _turn(agent: PimAgent) -> tuple[int, int]:
    """The next command first; of two in one slot that of the agent which has waited longest."""
    return agent.time, agent.last_command
