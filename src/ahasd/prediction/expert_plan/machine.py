"""A machine as far as a mixture's speed depends on it."""

from dataclasses import dataclass

#: Share of its peak that a host's memory gives a processor that computes experts: the one of CPUs with a dense model.
HOST_SHARE = 0.6

#: Seconds that a layer takes besides when its experts are computed by the host: hidden states go there and back and
#: both wait. The one constant that was chosen on the record (13 rows; 0.2 to 0.3 ms make the middle ratio 1).
HANDOVER_S = 0.3e-3

#: Peak of a host of which nothing is said: two channels of DDR5-5600 (ours).
USUAL_HOST_PEAK = 89.6e9

#: Memory that a system and a program keep for themselves on a host (ours).
HOST_KEPT = 4e9


@dataclass(frozen=True, slots=True)
class OffloadMachine:
    """Where experts can lie, and who computes there.

    Attributes
    ----------
    title
        What to call it.
    seconds_per_byte
        Of weights in fast memory.
    layer_s
        What a layer takes besides, in seconds.
    fast_bytes
        That weights and caches may take of fast memory.
    host_peak
        Bytes per second of the memory beside it, at the peak; None where there is only one memory.
    host_known
        Whether that was said.
    host_bytes
        Of that memory; None if not said.
    storage
        Bytes per second of what lies behind; None if not said.
    """

    title: str
    seconds_per_byte: float
    layer_s: float
    fast_bytes: float
    host_peak: float | None
    host_known: bool
    host_bytes: float | None
    storage: float | None

    @property
    def host_rate(self) -> float:
        """Bytes per second of experts that the host computes."""
        assert self.host_peak is not None, "asked of machines with a host"
        return self.host_peak * HOST_SHARE
