"""The result of a run: what ``results.json`` holds."""

from typing import Any

from pydantic import Field

from ahasd.simulation.energy_report import EnergyReport
from ahasd.simulation.record import Record

SCHEMA_VERSION = 1


class DeviceShares(Record):
    """Shares of the decode time: working, without work, waiting for something shared."""

    busy: float
    idle: float
    blocked: float


class QueueOccupancy(Record):
    """Occupancy of a queue: time-weighted mean, most entries, seconds full, entries that had to wait for room."""

    mean: float
    max: int
    full_s: float
    blocked_pushes: int


class EdcRecord(Record):
    """EDC's decisions; ``correct`` compares each with its own batch's fate, where the batch met a verdict."""

    decisions: int
    continued: int
    stopped: int
    judged: int
    correct: int
    confusion: dict[str, int]


class TvcRecord(Record):
    """How often TVC was asked and pre-verified, how many tokens, and how many of their verdicts were used.

    ``mean_relative_error`` is that of its predictions of the NPU's time, over the ``predicted`` verifications.
    """

    consulted: int
    inserted: int
    tokens: int
    useful: int
    rank_switches: int
    predicted: int
    mean_relative_error: float | None
    relative_error_maximum: float | None


class Controllers(Record):
    """Statistics of the controllers that the system has."""

    edc: EdcRecord | None = None
    tvc: TvcRecord | None = None


class Baseline(Record):
    """The target alone on the same hardware."""

    device: str
    tokens_per_second: float
    joules_per_token: float


class Comparison(Record):
    """Against the target alone.

    Attributes
    ----------
    baseline
        On the device that verifies in this system; None if this is the target alone.
    alternatives
        On the other devices of the same hardware.
    speedup
        Over ``baseline``.
    break_even_acceptance
        Acceptance rate at which this system is as fast as ``baseline``; None if no acceptance is enough, or any.
    always_pays
        Whether it is faster even with every draft rejected; None if the break-even was not searched.
    """

    baseline: Baseline | None = None
    alternatives: list[Baseline] = Field(default_factory=list)
    speedup: float | None = None
    break_even_acceptance: float | None = None
    always_pays: bool | None = None


class Result(Comparison):
    """One simulated run.

    Energy covers the decode time; prefill is apart. ``joules_wasted`` is drafting whose tokens were not
    emitted and target work whose verdicts were not used. ``mean_acceptance_length`` counts the last round
    whole. ``mean_draft_length`` is what a verification was given. Pre-verifications are passes of the target, too.
    """

    schema_version: int = SCHEMA_VERSION
    system: str
    pair: str
    algorithm: str
    algorithm_provenance: str | None
    hardware: str
    acceptance_from: str = Field(description="whose acceptance this is: the trace's, not the pair's")
    tokens: int
    tokens_cut: int
    seconds: float
    seconds_prefill: float
    tokens_per_second: float
    ttft_s: float
    tpot_s: float
    drafted: int
    accepted: int
    rejected: int
    flushed: int
    in_flight: int
    draft_acceptance_rate: float | None
    draft_efficiency: float | None
    wasted: int
    verifications: int
    mean_acceptance_length: float
    mean_draft_length: float | None
    accepted_histogram: dict[int, int]
    energy_j: dict[str, float]
    energy_prefill_j: float
    joules_per_token: float
    joules_wasted: float
    average_power_w: float
    energy_report: EnergyReport
    devices: dict[str, DeviceShares]
    queues: dict[str, QueueOccupancy]
    controller: Controllers
    trace_wraps: int
    options: dict[str, Any]
    placement: dict[str, list[tuple[int, int]]]
    notes: list[str]
    reproduce: dict[str, Any]
