"""Replays of routing in caches of several policies and sizes: the answer first, then a table."""

from collections.abc import Sequence
from typing import Any

from ahasd.experts.replay import Count
from ahasd.experts.replay_ahead import ReplayAhead
from ahasd.report.fitted import fitted
from ahasd.report.table import Table, left, right
from ahasd.report.text import paragraphs
from ahasd.traces.routing.trace import RoutingTrace


def replay_text(
    trace: RoutingTrace, found: Sequence[ReplayAhead], prefetch: str, notes: Sequence[str]
) -> str:
    """Say which policy keeps most, and lay all out.

    Parameters
    ----------
    prefetch
        Name of the way to fetch ahead.
    """
    replays = [one.replay for one in found]
    slots = sorted({one.slots for one in replays})
    policies = list(dict.fromkeys(one.policy.text for one in replays))
    rate = {(one.policy.text, one.slots): one.all.hit_rate or 0.0 for one in replays}
    rows = [(policy, *(f"{rate[policy, size]:.1%}" for size in slots)) for policy in policies]
    table = Table(
        (*left("policy"), *right(*(f"{size} slots" for size in slots))),
        rows,
        f"Experts that are in fast memory when they are needed, {trace.top} of {trace.experts} in each layer:",
        notes,
    )
    return "\n".join(paragraphs([_answer(trace, found, prefetch)])) + f"\n\n{fitted(table)}"


def _answer(trace: RoutingTrace, found: Sequence[ReplayAhead], prefetch: str) -> str:
    """The policy that can run with the most hits, at the largest size that does not hold all."""
    sizes = {one.replay.slots for one in found}
    size = max((size for size in sizes if size < trace.experts), default=max(sizes))
    here = [one for one in found if one.replay.slots == size]
    running = [one for one in here if one.replay.policy.name != "belady"] or here
    best = max(running, key=lambda one: one.replay.all.hits)
    count = best.replay.all
    text = (
        f"{best.replay.policy.text} with {size} slots a layer: {count.hit_rate or 0:.1%} of the experts are there "
        f"when they are needed, {(count.misses + best.fetched) / trace.tokens:.2f} of {trace.layers * trace.top} are "
        "fetched for each token"
    )
    if prefetch != "none" and best.fetched:
        text += (
            f", {best.fetched / trace.tokens:.2f} of them ahead by {prefetch}, of which "
            f"{best.used / best.fetched:.0%} were used"
        )
    text += "."
    bound = next((one.replay for one in here if one.replay.policy.text == "belady"), None)
    if bound is not None and bound is not best.replay and prefetch == "none":
        text += f" No policy could pass {bound.all.hit_rate or 0:.1%}."
    return text


def replay_json(
    trace: RoutingTrace, found: Sequence[ReplayAhead], prefetch: str, notes: Sequence[str]
) -> dict[str, Any]:
    """Everything, for programs."""
    results: dict[str, dict[str, Any]] = {}
    for ahead in found:
        one = ahead.replay
        results.setdefault(one.policy.text, {})[str(one.slots)] = {
            **_count(one.all),
            "misses_per_token": one.all.misses / trace.tokens,
            "prefetched": ahead.fetched,
            "prefetched_used": ahead.used,
            "prefix": _count(one.prefix),
            "continuation": _count(one.continuation),
            "hit_rate_by_layer": one.hit_rates,
        }
    return {
        "model": trace.header.model,
        "trace": trace.sha256,
        "tokens": trace.tokens,
        "layers": trace.layers,
        "experts": trace.experts,
        "chosen": trace.top,
        "pool": found[0].replay.pool,
        "prefetch": prefetch,
        "results": results,
        "notes": list(notes),
    }


def _count(count: Count) -> dict[str, Any]:
    return {
        "selected": count.selected,
        "hits": count.hits,
        "misses": count.misses,
        "hit_rate": count.hit_rate,
    }
