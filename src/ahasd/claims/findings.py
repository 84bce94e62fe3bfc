"""The ledger of claims, measured and judged."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ahasd.claims.claim import Claim
from ahasd.claims.condition import Condition
from ahasd.claims.measuring.fill import fill
from ahasd.claims.measuring.known_runs import KnownRuns
from ahasd.claims.measuring.value import Draws, Value
from ahasd.claims.verdict import ClaimVerdict, Judged, overall
from ahasd.errors import AhasdError
from ahasd.experiments.carry_out import Running
from ahasd.intervals import interval


@dataclass(frozen=True, slots=True)
class Finding:
    """What our models say of a claim.

    Attributes
    ----------
    base
        Under the default condition; None if it cannot be measured.
    others
        Under the other conditions.
    """

    claim: Claim[Any]
    verdict: ClaimVerdict
    base: Judged | None
    others: tuple[Judged, ...]

    @property
    def every(self) -> tuple[Judged, ...]:
        """Under each condition, the default first; empty if it cannot be measured."""
        return () if self.base is None else (self.base, *self.others)


def examine(
    claims: Sequence[Claim[Any]],
    known_runs: KnownRuns,
    running: Running | None = None,
) -> list[Finding]:
    """Measure claims and judge them.

    Parameters
    ----------
    claims
        Of the ledger.
    known_runs
        Where they are measured; what it has run is not run again.
    running
        Where runs are kept and who computes them; by default this process, and nowhere.
    """
    conditions = ((claim, condition) for claim in claims for condition in claim.conditions)
    fill(known_runs, conditions, running)
    return [_examined(claim, known_runs) for claim in claims]


def judge(claim: Claim[Any], known_runs: KnownRuns, condition: Condition) -> Judged:
    """Measure a claim under a condition whose runs are known; one that cannot run there says why instead."""
    assert claim.measurement is not None, claim.name
    assert claim.band is not None, claim.name
    try:
        draws = claim.measurement.draws(known_runs, condition)
    except AhasdError as error:
        return Judged(condition, None, ClaimVerdict.NOT_TESTABLE, str(error))
    value = spread(draws)
    return Judged(condition, value, claim.band.judge(value))


def spread(draws: Draws) -> Value:
    """Mean, and the outermost ends of the intervals over seeds at the corners of the energy constants' ranges."""
    nominal, lowest, highest = (interval(values) for values in (draws.nominal, draws.lowest, draws.highest))
    low, high = lowest.mean - (lowest.half_width or 0.0), highest.mean + (highest.half_width or 0.0)
    return Value(nominal.mean, low, high)


def _examined(claim: Claim[Any], known_runs: KnownRuns) -> Finding:
    if claim.measurement is None:
        return Finding(claim, ClaimVerdict.NOT_TESTABLE, None, ())
    base, *others = [judge(claim, known_runs, condition) for condition in claim.conditions]
    verdict = overall(base.verdict, [other.verdict for other in others], claim.capped, not claim.unrefutable)
    return Finding(claim, verdict, base, tuple(others))


#: Conditions that a sentence names.
_NAMED = 3


def decides(finding: Finding) -> str:
    """What decides a verdict, in a sentence."""
    claim, base, others = finding.claim, finding.base, finding.others
    if base is None:
        return claim.untestable
    if base.refused and finding.verdict is ClaimVerdict.NOT_TESTABLE:
        return base.refused
    holding = [other for other in others if other.verdict is ClaimVerdict.HOLDS]
    if base.verdict is ClaimVerdict.HOLDS:
        acceptance = "if the pairs' acceptance is like the trace's; " if claim.capped else ""
        return f"{acceptance}{_count(len(holding), len(others))} other conditions keep it"
    if holding:
        return "if " + _either(holding)
    if finding.verdict is ClaimVerdict.NOT_TESTABLE:
        return f"{claim.unrefutable}; {_nearest(finding)}"
    if finding.verdict is ClaimVerdict.OPEN:
        straddling = [other for other in others if other.verdict is ClaimVerdict.OPEN]
        own = ["the interval straddles"] if base.verdict is ClaimVerdict.OPEN else []
        return "; ".join([*own, *(["open if " + _either(straddling)] if straddling else [])])
    return _nearest(finding)


def _count(some: int, every: int) -> str:
    return f"all {every}" if some == every else f"{some} of {every}"


def _either(judged: Sequence[Judged]) -> str:
    """The conditions with the fewest changes first."""
    ordered = sorted(judged, key=lambda one: one.condition.said.count(","))
    more = len(ordered) - _NAMED
    named = " or ".join(one.condition.said for one in ordered[:_NAMED])
    return named + (f" (and {more} more)" if more > 0 else "")


def _nearest(finding: Finding) -> str:
    """The condition under which our figure comes closest, by the ratio to the nearer end of the band."""
    band = finding.claim.band
    assert band is not None

    def distance(judged: Judged) -> float:
        assert judged.value is not None
        mean = judged.value.mean
        return mean / band.high if mean > band.high else band.low / mean

    measured = [one for one in finding.every if one.value is not None]
    nearest = min(measured, key=distance)
    said = nearest.condition.said or "as run"
    return f"under none of {len(measured)} conditions; nearest: {said}"


def together(findings: Sequence[Finding]) -> tuple[str, int, int]:
    """The condition under which the most of several claims hold at once.

    Returns
    -------
    str
        What it says of itself; "as run" for the default. The first of equals in the order of the ledger.
    int
        Claims that hold under it.
    int
        Claims that can be measured.
    """
    measured = [finding for finding in findings if finding.base is not None]
    met: Counter[str] = Counter()
    for finding in measured:
        for judged in finding.every:
            met[judged.condition.said or "as run"] += judged.verdict is ClaimVerdict.HOLDS
    said, count = met.most_common(1)[0] if met else ("as run", 0)
    return said, count, len(measured)


def count_verdicts(findings: Sequence[Finding]) -> dict[ClaimVerdict, int]:
    """How many claims have each verdict that any has."""
    counts = Counter(finding.verdict for finding in findings)
    return {verdict: counts[verdict] for verdict in ClaimVerdict if counts[verdict]}
