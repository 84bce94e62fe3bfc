"""What a core sees of the memory: a rate and a first-access latency. The DRAM scheduler can supply both."""

from dataclasses import dataclass, replace

from ahasd.errors import AhasdError


@dataclass(frozen=True, slots=True)
class MemoryPort:
    """A pipe between the cores and the DRAM.

    Parameters
    ----------
    bytes_per_cycle
        Achieved rate of all channels together, per core clock cycle.
    latency_cycles
        From a request to the arrival of its data when nothing queues before it, in core clock cycles.
    request_bytes
        Bytes of one request.
    """

    bytes_per_cycle: float
    latency_cycles: float
    request_bytes: int = 32

    def __post_init__(self) -> None:
        if not self.bytes_per_cycle > 0 or self.latency_cycles < 0 or self.request_bytes < 1:
            raise AhasdError(
                f"memory port of {self.bytes_per_cycle} bytes per cycle, {self.latency_cycles} cycles latency, "
                f"{self.request_bytes}-byte requests: rate and request must be above 0, the latency not below."
            )

    def shared_by(self, cores: int) -> "MemoryPort":
        """Return the fair share of one of several cores that all stream."""
        return MemoryPort(self.bytes_per_cycle / cores, self.latency_cycles, self.request_bytes)


@dataclass(frozen=True, slots=True)
class MemoryTiming:
    """First-order timing of a DRAM, from which a port follows without a command scheduler.

    Parameters
    ----------
    peak_bytes_per_second
        All channels together.
    refresh_seconds, refresh_interval_seconds
        Time an all-bank refresh blocks a channel (tRFCab), and how often it comes (tREFI).
    first_access_seconds
        Activate, column access and burst of a closed row (tRCD + CL + BL).
    link_requests_per_cycle
        Requests that the network between cores and channels carries per core cycle: one per channel in ONNXim.
    """

    peak_bytes_per_second: float
    refresh_seconds: float
    refresh_interval_seconds: float
    first_access_seconds: float
    link_requests_per_cycle: int

    @property
    def refresh_share(self) -> float:
        """Share of the time in which refresh blocks the channel."""
        return self.refresh_seconds / self.refresh_interval_seconds

    def channels(self, count: int) -> "MemoryTiming":
        """Return this memory that many times side by side."""
        return replace(
            self,
            peak_bytes_per_second=self.peak_bytes_per_second * count,
            link_requests_per_cycle=self.link_requests_per_cycle * count,
        )

    def port(self, clock_hz: float, request_bytes: int = 32, link_hops: int = 4) -> MemoryPort:
        """Return the port that a core with this clock sees.

        Parameters
        ----------
        clock_hz
            Clock of the core and of the network.
        request_bytes
            Bytes of one request.
        link_hops
            Cycles that a request and its answer spend in the network (ours: two each way).
        """
        achieved = self.peak_bytes_per_second * (1 - self.refresh_share) / clock_hz
        link = float(self.link_requests_per_cycle * request_bytes)
        return MemoryPort(
            min(achieved, link), self.first_access_seconds * clock_hz + link_hops, request_bytes
        )
