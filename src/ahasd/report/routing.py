"""A routing trace in numbers, for people."""

import numpy as np

from ahasd.report.fitted import fitted
from ahasd.report.table import Table, left, right
from ahasd.traces.routing.statistics import routing_statistics
from ahasd.traces.routing.trace import RoutingTrace


def routing_text(trace: RoutingTrace) -> str:
    """Lay out what a routing trace holds."""
    numbers, header = routing_statistics(trace), trace.header
    written = int(trace.written.sum())
    scores = "none" if trace.scores is None else f"of {trace.scores.shape[2]} experts of each token"
    again = "never" if numbers.reuse_distance is None else f"after {numbers.reuse_distance:g} tokens (median)"
    rows = {
        "model": header.model,
        "mode": f"{header.mode}, temperature {header.temperature:g}, seed {header.seed}",
        "prompts from": header.prompts,
        "recorded by": header.tool_version,
        "notes": header.notes or "-",
        "tokens": f"{trace.tokens} in {trace.prompts} prompts, {written} of them written by the model",
        "experts": f"{trace.top} of {trace.experts} in each of {trace.layers} layers",
        "router scores": scores,
        "same expert again": f"{again}; {_share(numbers.repeated)} at the next token",
        "neighbours share": f"Jaccard {_number(numbers.jaccard_prefix)} in prefixes, "
        f"{_number(numbers.jaccard_written)} in what the model wrote",
        "hottest tenth": f"{numbers.hottest:.1%} of all choices ({numbers.hottest_evenly:.1%} if all were alike)",
        "never chosen": f"{numbers.unused:.1%} of the experts",
        "sha256": trace.sha256,
    }
    table = fitted(Table((*left("", least=18), *left("")), list(rows.items())))
    said = (
        f"A token takes {trace.top} of {trace.experts} experts in each layer; the next one takes "
        f"{_share(numbers.repeated)} of them again."
    )
    return f"{said}\n\n{table}{_foreseen(trace, numbers.foreseen)}"


def _foreseen(trace: RoutingTrace, foreseen: np.ndarray | None) -> str:
    """What the gates of earlier layers foresaw, layer by layer."""
    if foreseen is None:
        return "\nThe trace does not say what gates foresee.\n"
    columns = (*left("layer"), *right(*(f"{d} ahead" for d in range(1, trace.depth + 1))))
    rows = [
        (str(layer), *("-" if np.isnan(share) else f"{share:.1%}" for share in foreseen[:, row]))
        for row, layer in enumerate(trace.header.layers)
    ]
    means = ["-" if np.isnan(share).all() else f"{np.nanmean(share):.1%}" for share in foreseen]
    return "\nExperts of a layer that gates of earlier layers foresaw:\n" + fitted(
        Table(columns, [*rows, ("mean", *means)])
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
