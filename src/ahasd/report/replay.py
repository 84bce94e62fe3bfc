"""Replays of routing in caches of several policies and sizes: the answer first, then a table."""

from collections.abc import Sequence
from typing import Any

from ahasd.experts.replay import Count, Replay
from ahasd.report.table import Table, left, right
from ahasd.traces.routing.trace import RoutingTrace


def replay_text(trace: RoutingTrace, found: Sequence[Replay], notes: Sequence[str]) -> str:
    """Say which policy keeps most, and lay all out."""
    slots = sorted({one.slots for one in found})
    policies = list(dict.fromkeys(one.policy.text for one in found))
    rate = {(one.policy.text, one.slots): one.all.hit_rate or 0.0 for one in found}
    rows = [(policy, *(f"{rate[policy, size]:.1%}" for size in slots)) for policy in policies]
    table = Table(
        (*left("policy"), *right(*(f"{size} slots" for size in slots))),
        rows,
        f"Experts that are in fast memory when they are needed, {trace.top} of {trace.experts} in each layer:",
        notes,
    )
    return f"{_answer(trace, found)}\n\n{table.terminal()}"


def _answer(trace: RoutingTrace, found: Sequence[Replay]) -> str:
    """The best policy that can run, at the largest size that does not hold all."""
    sizes = {one.slots for one in found}
    size = max((size for size in sizes if size < trace.experts), default=max(sizes))
    here = [one for one in found if one.slots == size]
    running = [one for one in here if one.policy.name != "belady"] or here
    best = max(running, key=lambda one: one.all.hits)
    loads = best.all.misses / trace.tokens
    text = (
        f"{best.policy.text} with {size} slots a layer: {best.all.hit_rate or 0:.1%} of the experts are there when "
        f"they are needed, {loads:.2f} of {trace.layers * trace.top} are fetched for each token."
    )
    bound = next((one for one in here if one.policy.text == "belady"), None)
    if bound is not None and bound is not best:
        text += f" No policy could pass {bound.all.hit_rate or 0:.1%}."
    return text


def replay_json(trace: RoutingTrace, found: Sequence[Replay], notes: Sequence[str]) -> dict[str, Any]:
    """Everything, for programs."""
    results: dict[str, dict[str, Any]] = {}
    for one in found:
        results.setdefault(one.policy.text, {})[str(one.slots)] = {
            **_count(one.all),
            "misses_per_token": one.all.misses / trace.tokens,
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
        "pool": found[0].pool,
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
