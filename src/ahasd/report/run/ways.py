"""The ways to use the hardware that a run was held against, side by side."""

from dataclasses import dataclass

from ahasd.family.result import Result
from ahasd.report.table import Table, left, right


@dataclass(frozen=True, slots=True)
class ComparedWay:
    """A way, and whether it is the one that was asked for."""

    name: str
    tokens_per_second: float
    joules_per_token: float | None
    asked: bool


def compared(result: Result) -> list[ComparedWay]:
    """The way asked for and the others, the fastest first; none where nothing is written."""
    rate = getattr(result, "tokens_per_second", None)
    if not isinstance(rate, int | float):
        return []
    joules = getattr(result, "joules_per_token", None)
    own = ComparedWay(result.system, float(rate), joules, True)
    others = [
        ComparedWay(way.name, way.tokens_per_second, way.joules_per_token, False)
        for way in result.verdict.alternatives
    ]
    return sorted([own, *others], key=lambda way: -way.tokens_per_second)


def ways_table(result: Result) -> Table:
    """A row for each way; of a run that writes nothing, its work and time."""
    found = compared(result)
    if not found:
        row = (result.system, f"{result.work.done} {result.work.unit}", f"{result.seconds:.4g}")
        return Table((*left("way"), *right("work", "seconds")), [row])
    rows = [
        (
            f"{way.name}{' (asked for)' if way.asked else ''}",
            f"{way.tokens_per_second:.4g}",
            "" if way.joules_per_token is None else f"{way.joules_per_token:.3g}",
            f"{way.tokens_per_second / found[0].tokens_per_second:.0%}",
        )
        for way in found
    ]
    return Table((*left("way"), *right("tokens/s", "J/token", "of best")), rows)


def groups_tables(result: Result) -> list[Table]:
    """All figures of a result, a table for each group."""
    return [
        Table(left("", ""), list(rows.items()), title=heading)
        for heading, rows in result.groups().items()
        if rows
    ]
