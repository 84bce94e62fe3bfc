"""An order for programs."""

from dataclasses import asdict
from typing import Any

from ahasd.graph_ordering.outcome import Outcome, Timed
from ahasd.graph_ordering.peak import blocks_at
from ahasd.report.ordering.sentence import sentence


def ordering_json(outcome: Outcome) -> dict[str, Any]:
    """Everything; bytes are bytes, steps count from 0."""
    chosen, problem = outcome.chosen, outcome.problem
    found: dict[str, Any] = {
        "name": outcome.name,
        "sentence": sentence(outcome),
        "method": chosen.method.value,
        "aliases": outcome.aliases.value,
        "peak_bytes": chosen.peak_bytes,
        "lower_bound_bytes": outcome.bound,
        "optimal": outcome.optimal,
        "given_peak_bytes": outcome.given.peak_bytes,
        "rpo_peak_bytes": outcome.reverse_post_order.peak_bytes,
        "nodes": problem.nodes,
        "macros": chosen.macros,
        "states": chosen.states,
        "order": [problem.names[node] for node in chosen.order],
        "live_bytes": list(outcome.live.during),
        "given_live_bytes": list(outcome.given_live.during),
        "at_peak": _at_peak(outcome) if problem.nodes else None,
        "arena": {
            "fit": outcome.arena.fit.value,
            "bytes": outcome.arena.bytes,
            "optimal": outcome.arena.optimal,
            "fragmentation": outcome.arena.fragmentation,
            "blocks": [
                {
                    "values": list(one.names),
                    "offset": offset,
                    "bytes": one.bytes,
                    "first_step": one.first,
                    "last_step": one.last,
                }
                for one, offset in zip(outcome.arena.taken, outcome.arena.offsets, strict=True)
            ],
        },
    }
    if outcome.compared:
        found["compared"] = [_compared(timed) for timed in outcome.compared]
    if outcome.scratchpad is not None and outcome.spilled is not None and outcome.given_spilled is not None:
        found["spill"] = {
            "scratchpad_bytes": outcome.scratchpad.bytes,
            "hardware": outcome.scratchpad.preset,
            "rule": "sum over steps of max(0, live - scratchpad), each over the memory's bus once",
            **asdict(outcome.spilled),
            "given": asdict(outcome.given_spilled),
        }
    return found


def _at_peak(outcome: Outcome) -> dict[str, Any]:
    step = outcome.live.peak_step
    blocks = blocks_at(outcome.problem, outcome.chosen.order, step)
    return {
        "step": step,
        "node": outcome.problem.names[outcome.chosen.order[step]],
        "values": [{"name": block.name, "bytes": block.bytes} for block in blocks],
    }


def _compared(timed: Timed) -> dict[str, Any]:
    return {
        "method": timed.method.value,
        "peak_bytes": timed.ordering.peak_bytes,
        "lower_bound_bytes": timed.ordering.lower_bound_bytes,
        "optimal": timed.ordering.optimal,
        "cpu_seconds": timed.seconds,
    }
