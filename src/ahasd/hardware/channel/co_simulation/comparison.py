"""The slowdown model beside the co-simulation."""

from dataclasses import dataclass, replace

from ahasd.hardware.channel.co_simulation.co_simulation import co_simulate
from ahasd.hardware.channel.co_simulation.mixes import Mix
from ahasd.hardware.channel.co_simulation.work import PimProduct
from ahasd.hardware.channel.loads import product_loads
from ahasd.hardware.channel.slowdown import ChannelLoad, ChannelSlowdown


@dataclass(frozen=True, slots=True)
class SlowdownRow:
    """Slowdowns of a mix: time until done beside the other side, over the time alone.

    Attributes
    ----------
    stream, pim
        As co-simulated.
    modelled_stream, modelled_pim
        By the closed form.
    stream_cycles, pim_cycles
        Alone, as co-simulated.
    modelled_pim_cycles
        By the closed form.
    """

    stream: float
    pim: float
    modelled_stream: float
    modelled_pim: float
    stream_cycles: int
    pim_cycles: int
    modelled_pim_cycles: float

    @property
    def errors(self) -> tuple[float, float, float]:
        """Relative error of the stream's and of PIM's slowdown, and of PIM's time alone."""
        return (
            self.modelled_stream / self.stream - 1,
            self.modelled_pim / self.pim - 1,
            self.modelled_pim_cycles / self.pim_cycles - 1,
        )


def compare(mix: Mix) -> SlowdownRow:
    """Play a mix, and each side of it alone, and ask the model."""
    timing, organisation, work = mix.timing, mix.organisation, mix.work
    stream = co_simulate(timing, organisation, mix.stream, None).stream
    pim = co_simulate(timing, organisation, None, work, mix.first_refreshes).pim
    both = co_simulate(timing, organisation, mix.stream, work, mix.first_refreshes)
    cycle_s = timing.tCK_ns * 1e-9
    loads = [load for product in work.products for load in _loads(mix, work.share(product))]
    modelled = sum(load.seconds for load in loads) / cycle_s
    loads = [replace(load, seconds=load.seconds * pim / modelled) for load in loads]
    streaming = ChannelLoad(stream * cycle_s, stream * cycle_s)
    stream_end, pim_end = ChannelSlowdown(timing).finish_together(streaming, loads)
    return SlowdownRow(
        stream=both.stream / stream,
        pim=both.pim / pim,
        modelled_stream=stream_end / streaming.seconds,
        modelled_pim=pim_end / (pim * cycle_s),
        stream_cycles=stream,
        pim_cycles=pim,
        modelled_pim_cycles=modelled,
    )


def _loads(mix: Mix, share: PimProduct) -> tuple[ChannelLoad, ChannelLoad]:
    work = mix.work
    return product_loads(
        mix.timing,
        mix.organisation,
        work.agent_geometry,
        work.options,
        shape=(share.outputs, share.inputs, share.batch),
        crossing_bursts=(share.read_bursts, share.written_bursts),
        agents=work.agents,
        refresh=bool(mix.first_refreshes),
    )
