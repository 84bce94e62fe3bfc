"""What routing amounts to, in the numbers that caches of experts depend on."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ahasd.traces.routing.trace import RoutingTrace

#: Share of a layer's experts that count as the hottest (ours; llama.cpp PR 24524 speaks of the same tenth).
HOTTEST = 0.1


@dataclass(frozen=True, slots=True)
class RoutingStatistics:
    """Numbers of one trace, over all layers unless said otherwise.

    Parameters
    ----------
    reuse_distance
        Median number of tokens until an expert is chosen again in its layer, uses without another left out; 1 is the
        next token. None where none is ever chosen again.
    repeated
        Share of the experts of a token that the token before took, too, within a prompt; None without such tokens.
    jaccard_prefix, jaccard_written
        Mean of the experts that two neighbours share over those that either takes, where both are of the prefix, or
        both of the continuation; None where there are none.
    hottest
        Share of all choices that fell on the most chosen tenth of each layer's experts, rounded up.
    hottest_evenly
        What it would be if all were chosen alike.
    unused
        Share of the experts that no token took.
    foreseen
        D×L: share of the experts of row l that the gate saw d rows before; NaN where no row lies as far back. None
        where the trace does not say.
    """

    reuse_distance: float | None
    repeated: float | None
    jaccard_prefix: float | None
    jaccard_written: float | None
    hottest: float
    hottest_evenly: float
    unused: float
    foreseen: npt.NDArray[np.float64] | None


def routing_statistics(trace: RoutingTrace) -> RoutingStatistics:
    """Compute the statistics of a trace."""
    chosen = trace.chosen
    uses = np.stack(
        [np.bincount(chosen[:, layer].ravel(), minlength=trace.experts) for layer in range(trace.layers)]
    )
    hot = int(np.ceil(HOTTEST * trace.experts))
    neighbours = np.ones(trace.tokens - 1, np.bool_)
    neighbours[trace.prompt_start[1:-1] - 1] = False
    shared = (chosen[1:, :, :, None] == chosen[:-1, :, None, :]).any(axis=3).sum(axis=2)
    jaccard = shared / (2 * trace.top - shared)
    written = trace.written
    return RoutingStatistics(
        reuse_distance=_reuse_distance(trace),
        repeated=_mean(shared[neighbours] / trace.top),
        jaccard_prefix=_mean(jaccard[neighbours & ~written[1:]]),
        jaccard_written=_mean(jaccard[neighbours & written[:-1]]),
        hottest=float(np.sort(uses, axis=1)[:, -hot:].sum() / uses.sum()),
        hottest_evenly=hot / trace.experts,
        unused=float((uses == 0).mean()),
        foreseen=_foreseen(trace),
    )


def _reuse_distance(trace: RoutingTrace) -> float | None:
    """Sort the uses of each layer by expert and look at the gaps."""
    gaps = []
    tokens = np.repeat(np.arange(trace.tokens), trace.top)
    for layer in range(trace.layers):
        experts = trace.chosen[:, layer].ravel()
        order = np.argsort(experts, kind="stable")
        same = np.diff(experts[order]) == 0
        gaps.append(np.diff(tokens[order])[same])
    every = np.concatenate(gaps)
    return float(np.median(every)) if every.size else None


def _foreseen(trace: RoutingTrace) -> npt.NDArray[np.float64] | None:
    if trace.ahead is None:
        return None
    found = np.full((trace.depth, trace.layers), np.nan)
    for d in range(1, min(trace.depth, trace.layers - 1) + 1):
        seen, taken = trace.ahead[:, :-d, d - 1], trace.chosen[:, d:]
        found[d - 1, d:] = (taken[:, :, :, None] == seen[:, :, None, :]).any(axis=3).mean(axis=(0, 2))
    return found


def _mean(values: npt.NDArray[np.floating]) -> float | None:
    return float(values.mean()) if values.size else None
