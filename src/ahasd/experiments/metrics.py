"""What is compared of runs: each metric under the field's name, taken from a result in one place."""

from collections.abc import Callable
from typing import Literal

from ahasd.speculation.results import SpeculationResult

Metric = Callable[[SpeculationResult], float]
#: A metric that some runs have not, such as an acceptance rate without a draft.
PartialMetric = Callable[[SpeculationResult], float | None]


def tokens_per_second(result: SpeculationResult) -> float:
    """Decode speed."""
    return result.tokens_per_second


def joules_per_token(result: SpeculationResult) -> float | None:
    """Energy of decoding, where it is known."""
    return result.joules_per_token


def speedup(result: SpeculationResult) -> float | None:
    """Speed over that of the target alone on the device that verifies."""
    return result.speedup


def over_best_alone(result: SpeculationResult) -> float | None:
    """Speed over that of the target alone where that is fastest on this hardware."""
    return result.verdict.speedup_over_best_alone


def has_drafts(result: SpeculationResult) -> bool:
    """Whether anything was drafted."""
    return bool(result.speculation.drafted)


def drafts(fate: Literal["drafted", "accepted", "rejected", "flushed", "in_flight"]) -> Metric:
    """Drafted tokens: all, or those of a fate."""

    def count(result: SpeculationResult) -> int:
        found: int = getattr(result.speculation, fate)
        return found

    return count


def acceptance_rate(result: SpeculationResult) -> float | None:
    """Share of accepted drafts among those verified."""
    return result.speculation.draft_acceptance_rate


def acceptance_length(result: SpeculationResult) -> float:
    """Tokens that a pass of the target yields."""
    return result.speculation.mean_acceptance_length


def wasted_share(result: SpeculationResult) -> float | None:
    """Share of the drafts that were not emitted."""
    return result.speculation.wasted / result.speculation.drafted if result.speculation.drafted else None


def wasted_per_token(result: SpeculationResult) -> float:
    """Drafts that were not emitted, for each token that was."""
    return result.speculation.wasted / result.tokens


def joules_per_wasted_draft(result: SpeculationResult) -> float | None:
    """Energy of work that brought no token, over the drafts that were not emitted."""
    return result.speculation.joules_per_wasted_token


def joules_wasted(result: SpeculationResult) -> float | None:
    """Energy of work that brought no token, where it is known."""
    return result.speculation.joules_wasted


def average_power_w(result: SpeculationResult) -> float | None:
    """Watts while decoding, where they are known."""
    return result.average_power_w


def tokens_per_wh(result: SpeculationResult) -> float | None:
    """Tokens for each watt-hour of a battery."""
    return result.energy_report.tokens_per_wh if result.energy_report else None


def minutes_per_wh(result: SpeculationResult) -> float | None:
    """Minutes of decoding for each watt-hour of a battery."""
    return result.energy_report.minutes_per_wh if result.energy_report else None


def busy(*devices: str) -> PartialMetric:
    """Share of the time in which the first of these devices that a run has works."""

    def share(result: SpeculationResult) -> float | None:
        return next((result.devices[name].busy for name in devices if name in result.devices), None)

    return share


def idle(*devices: str) -> PartialMetric:
    """Share of the time in which the first of these devices that a run has is without work."""

    def share(result: SpeculationResult) -> float | None:
        return next((result.devices[name].idle for name in devices if name in result.devices), None)

    return share
