"""How long each part of a transcription took."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter, process_time
from typing import Literal

Part = Literal["encoder", "draft", "verify"]
PARTS: tuple[Part, ...] = ("encoder", "draft", "verify")


@dataclass
class PartTimes:
    """Seconds of each part: the encoder of the target; the draft, its own encoder included; the target's decoder.

    Attributes
    ----------
    wall
        By the clock on the wall, which other work of the machine stretches.
    cpu
        Of this process on all its cores.
    """

    wall: dict[Part, float] = field(default_factory=lambda: dict.fromkeys(PARTS, 0.0))
    cpu: dict[Part, float] = field(default_factory=lambda: dict.fromkeys(PARTS, 0.0))

    @contextmanager
    def part(self, name: Part) -> Iterator[None]:
        """Count what happens inside to a part."""
        wall, cpu = perf_counter(), process_time()
        try:
            yield
        finally:
            self.wall[name] += perf_counter() - wall
            self.cpu[name] += process_time() - cpu

    @property
    def decoding(self) -> float:
        """CPU seconds of all but the target's encoder."""
        return self.cpu["draft"] + self.cpu["verify"]

    @property
    def whole(self) -> float:
        """CPU seconds of all parts."""
        return sum(self.cpu.values())

    def add(self, other: "PartTimes") -> None:
        """Count another's seconds as well."""
        for name in PARTS:
            self.wall[name] += other.wall[name]
            self.cpu[name] += other.cpu[name]
