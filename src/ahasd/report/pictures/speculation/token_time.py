"""Where the time of one token went: a waterfall whose steps add up to it."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from ahasd.report.pictures.bars import ROOM
from ahasd.report.pictures.columns import Columns
from ahasd.report.pictures.figure import Figure
from ahasd.report.pictures.style import BLUE, GREEN, GREY, ORANGE, SKY
from ahasd.speculation.results import SpeculationResult

#: What a moment counts as, the first that is going on; then what it is called.
KINDS = (
    (("verify", "decode"), "target"),
    (("preverify",), "target, in memory"),
    (("draft", "catch_up"), "drafting alone"),
)
NOTHING = "nothing at work"

#: Share of a token's time below which a part is not told apart (ours).
CRUMB = 0.005

#: A part, its seconds over the run, and what it counts as.
Step = tuple[str, float, str]

_COLOURS = {
    "target": BLUE,
    "target, in memory": SKY,
    "drafting alone": ORANGE,
    NOTHING: GREY,
    "token": GREEN,
    "rest": GREY,
}


def shares_of_time(tasks: Columns, seconds: float) -> dict[str, float]:
    """Seconds of a run by what was going on, each moment once: target before draft before nothing.

    A pass of the target whose verdicts were not used counts apart, and so does what it waited for shared memory.
    """
    found: dict[str, float] = {}
    at = 0.0
    ranked = sorted(_spans(tasks), key=lambda span: (span[0], span[1]))
    edges = sorted({0.0, seconds, *(edge for span in ranked for edge in span[:2])})
    active: list[tuple[float, float, int, str]] = []
    place = 0
    for start, end in pairwise(edges):
        while place < len(ranked) and ranked[place][0] <= start:
            active.append(ranked[place])
            place += 1
        active = [span for span in active if span[1] > start]
        name = min(active, key=lambda span: span[2])[3] if active else NOTHING
        found[name] = found.get(name, 0.0) + (end - start)
        at = end
    if at < seconds:
        found[NOTHING] = found.get(NOTHING, 0.0) + seconds - at
    return found


def token_time(result: SpeculationResult, tasks: Columns, operators: Columns | None) -> Figure | None:
    """The waterfall: the target's passes by groups of operators, what they did in vain, drafting, nothing."""
    by_name = shares_of_time(tasks, result.seconds)
    tokens = result.tokens
    steps: list[Step] = []
    for name, share in _operator_shares(operators):
        steps.append((f"target: {name}", by_name.get("target", 0.0) * share, "target"))
    if not steps:
        steps.append(("target", by_name.get("target", 0.0), "target"))
    for name in ("target, in vain", "target, in memory", "drafting alone", NOTHING):
        steps.append((name, by_name.get(name, 0.0), name))
    rows, at = [], 0.0
    for name, seconds, kind in _without_crumbs(steps, result.seconds):
        length = seconds / tokens * 1e3
        rows.append((name, kind, at, at + length, length))
        at += length
    rows.append(("one token", "token", 0.0, at, at))
    if len(rows) < 2:
        return None
    most = max(rows[:-1], key=lambda row: row[4])
    kinds = list(dict.fromkeys(row[1] for row in rows))
    across = {"type": "quantitative", "title": "ms of a token", "axis": {"tickCount": 5}}
    return Figure(
        "token-time",
        "Where the time of a token went",
        f"A token takes {at:.4g} ms; {most[0]} takes {most[4] / at:.0%} of that.",
        Columns.of(("part", "kind", "from_ms", "to_ms", "ms"), rows),
        {
            "padding": ROOM,
            "height": {"step": 24},
            "encoding": {"y": {"field": "part", "type": "nominal", "title": None, "sort": None}},
            "layer": [
                {
                    "mark": {"type": "bar", "height": 16},
                    "encoding": {
                        "x": {"field": "from_ms", **across},
                        "x2": {"field": "to_ms"},
                        "color": {
                            "field": "kind",
                            "type": "nominal",
                            "legend": None,
                            "scale": {
                                "domain": kinds,
                                "range": [_COLOURS[kind] for kind in kinds],
                            },
                        },
                    },
                },
                {
                    "mark": {"type": "text", "align": "left", "dx": 4},
                    "encoding": {
                        "x": {"field": "to_ms", **across},
                        "text": {"field": "ms", "type": "quantitative", "format": ".3~g"},
                    },
                },
            ],
        },
    )


def _without_crumbs(steps: Sequence[Step], seconds: float) -> list[Step]:
    """Parts that are seen, and the others together."""
    seen = [step for step in steps if step[1] >= CRUMB * seconds]
    crumbs = sum(step[1] for step in steps if step[1] < CRUMB * seconds)
    return [*seen, ("the rest", crumbs, "rest")] if crumbs > 0 else seen


def _spans(tasks: Columns) -> Iterator[tuple[float, float, int, str]]:
    for task in tasks.records():
        for rank, (kinds, name) in enumerate(KINDS):
            if task["kind"] in kinds:
                vain = rank == 0 and task["fate"] == "dropped"
                yield task["start_s"], task["end_s"], rank, "target, in vain" if vain else name


#: Operators by what they are for, by the words of their names (``layer.query``, ``layer.up``, ``lm_head``).
GROUPS = {
    "attention": {"attention", "query", "key", "value", "rotary", "append", "score", "softmax", "context"},
    "feed-forward": {"feed", "gate", "up", "down", "activation", "expert", "experts", "router", "shared"},
    "head": {"head", "embedding"},
}


def group_of(operator: str) -> str:
    """What an operator is for."""
    words = set(operator.rpartition(".")[2].split("_"))
    return next((name for name, of in GROUPS.items() if words & of), "the rest")


def _operator_shares(operators: Columns | None) -> list[tuple[str, float]]:
    """Shares of a pass of the target that verifies or decodes."""
    if operators is None:
        return []
    chosen = [one for one in operators.records() if one["step"] in ("verification", "decode step")]
    total = sum(one["seconds"] for one in chosen)
    groups: dict[str, float] = {}
    for one in chosen:
        name = group_of(one["operator"])
        groups[name] = groups.get(name, 0.0) + one["seconds"]
    return [(name, seconds / total) for name, seconds in groups.items()] if total else []
