"""What devices of a family usually reach: medians over those of which it is published."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import median

from ahasd.hardware.preset.owned.listed_processors import listed_processors
from ahasd.hardware.preset.owned.measured_pass import FILE_BYTES, PASS_OPERATIONS, Reached, reached
from ahasd.hardware.preset.owned.owned_gpus import owned_gpus
from ahasd.hardware.preset.owned.owned_processor import Kind, OwnedGpu
from ahasd.hardware.preset.owned.published import PublishedSpeeds, published_speeds


@dataclass(frozen=True, slots=True)
class Median:
    """A middle value, and of how many devices it is."""

    value: float
    devices: int


def reached_by(gpu: OwnedGpu) -> Reached | None:
    """What a GPU reaches by what is published of it: the speed of a 7B, or a bandwidth; None where neither is."""
    writing = speeds_of(gpu).writing
    if writing is None and gpu.known.achieved_bandwidth is not None:
        writing = gpu.known.achieved_bandwidth / FILE_BYTES
    return None if writing is None else reached(writing, gpu.peak)


def operations_reached_by(gpu: OwnedGpu) -> float | None:
    """Operations per second that a GPU does on prompts of a 7B; None where not published."""
    prompt = speeds_of(gpu).prompt
    return None if prompt is None else prompt * PASS_OPERATIONS


def speeds_of(gpu: OwnedGpu) -> PublishedSpeeds:
    """Published speeds of a 7B."""
    return published_speeds().get(gpu.device, PublishedSpeeds(None, None))


@cache
def usual_reached(family: str) -> tuple[Median, Median]:
    """Share of the peak bandwidth, and microseconds from a kernel to the next, of a memory family."""
    found = [
        each for gpu in owned_gpus() if gpu.memory_family == family and (each := reached_by(gpu)) is not None
    ]
    return _median([each.share for each in found]), _median([each.launch_us for each in found])


@cache
def usual_operations(family: str, of: str) -> Median | None:
    """Operations per second on prompts, over the FP32 rate (``vector``) or the peak bandwidth (``byte``).

    None where the family has none of both.
    """
    found = []
    for gpu in owned_gpus():
        operations, base = operations_reached_by(gpu), gpu.known.vector_rate if of == "vector" else gpu.peak
        if gpu.arithmetic_family == family and operations is not None and base:
            found.append(operations / base)
    return _median(found) if found else None


@cache
def usual_share(kind: Kind) -> Median:
    """Share of the memory's peak bandwidth that CPUs or NPUs reach."""
    return _median(
        [
            processor.reached / processor.peak
            for processor in listed_processors()
            if processor.kind == kind and processor.reached is not None
        ]
    )


@cache
def usual_arithmetic(kind: Kind) -> Median:
    """Operations per second on prompts over the stated peak (NPUs), or over the peak bandwidth (CPUs)."""
    found = []
    for processor in listed_processors():
        rate, tops = processor.number("reached_gflops"), processor.number("tops")
        base = processor.peak if kind == "CPU" else tops and tops * 1e12
        if processor.kind == kind and rate is not None and base:
            found.append(rate * 1e9 / base)
    return _median(found)


def _median(values: Sequence[float]) -> Median:
    return Median(median(values), len(values))
