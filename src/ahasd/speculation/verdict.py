"""What is best here, of this run and the target alone on each device."""

from collections.abc import Sequence

from ahasd.family.result import Baseline, Verdict, Way
from ahasd.hardware.placement.device_kinds import DEVICES
from ahasd.speculation.results import SpeculationSection

#: Speeds within this share of each other count as equal (contract).
EQUAL = 0.01


def verdict(
    asked: Way, baseline: Baseline | None, elsewhere: Sequence[Baseline], section: SpeculationSection
) -> Verdict:
    """Compare the way asked for with the target alone.

    Parameters
    ----------
    asked
        This run.
    baseline
        The target alone on the device that verifies; None if that is this run.
    elsewhere
        The target alone on the other devices.
    section
        What was drafted.
    """
    alone = [*([baseline] if baseline is not None else []), *elsewhere]
    ways = [asked, *alone]
    best = max(ways, key=lambda way: way.tokens_per_second)
    frugal = min(ways, key=lambda way: way.joules_per_token)
    speedup = joules = None
    if baseline is not None:
        fastest_alone = max(alone, key=lambda way: way.tokens_per_second)
        speedup = asked.tokens_per_second / fastest_alone.tokens_per_second
        if fastest_alone.joules_per_token:
            joules = asked.joules_per_token / fastest_alone.joules_per_token
    return Verdict(
        best=best.name,
        best_by_energy=frugal.name if frugal.name != best.name else None,
        pays=asked.tokens_per_second >= (1.0 - EQUAL) * best.tokens_per_second,
        speedup_over_best_alone=speedup,
        joules_ratio=joules,
        alternatives=[Way(**way.model_dump(exclude={"device"})) for way in alone],
        sentence=_sentence(asked, baseline, elsewhere, section),
    )


def _sentence(
    asked: Way, baseline: Baseline | None, elsewhere: Sequence[Baseline], section: SpeculationSection
) -> str:
    """One to three sentences about a run."""
    rate = f"{asked.tokens_per_second:.4g} tokens/s, {asked.joules_per_token:.3g} J/token"
    if baseline is None:
        return f"No speculation: {rate}."
    speedup = asked.tokens_per_second / baseline.tokens_per_second
    pays = "pays" if speedup > 1 else "does not pay"
    text = (
        f"Speculation {pays}: {rate}, {speedup:.2f}x the target alone on {_title(baseline.device)} "
        f"({baseline.tokens_per_second:.4g} tokens/s, {baseline.joules_per_token:.3g} J/token)."
    )
    if section.break_even_acceptance is not None:
        text += (
            f" It breaks even at an acceptance rate of about {section.break_even_acceptance:.2f}; "
            f"here it is {section.draft_acceptance_rate or 0.0:.2f}."
        )
    elif section.always_pays is not None:
        text += (
            " It pays at any acceptance." if section.always_pays else " No acceptance rate would make it pay."
        )
    for other in elsewhere:
        if other.tokens_per_second > asked.tokens_per_second:
            text += (
                f" But the target alone on {_title(other.device)} is faster still: "
                f"{other.tokens_per_second:.4g} tokens/s, {other.joules_per_token:.3g} J/token."
            )
    return text


def _title(device: str) -> str:
    return next(kind.title for name, kind in DEVICES.items() if name == device)
