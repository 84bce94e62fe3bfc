"""The first-in-first-out queue of a core's memory requests, served at the rate of its port."""

from dataclasses import dataclass

from ahasd.hardware.npu.systolic.memory_port import MemoryPort


@dataclass(slots=True)
class MemoryQueue:
    """Serves transfers in the order they were asked for.

    Parameters
    ----------
    port
        Rate and latency.
    free
        Cycle at which everything asked for so far has been served.
    """

    port: MemoryPort
    free: float = 0.0

    def transfer(self, asked: float, requests: float) -> float:
        """Queue a transfer that is asked for at a cycle; return when its last byte has arrived."""
        service = requests * self.port.request_bytes / self.port.bytes_per_cycle
        self.free = max(self.free, asked) + service
        return self.free + self.port.latency_cycles
