"""What an attention trace says of the choice of pages: how many, how lasting, how scattered."""

from dataclasses import dataclass

import numpy as np

from ahasd.traces.attention.checks import DENSE, PAGED, STREAMING
from ahasd.traces.attention.trace import AttentionTrace


@dataclass(frozen=True, slots=True)
class AttentionStatistics:
    """Numbers of a trace.

    Attributes
    ----------
    dense, paged, streaming
        Key-value heads of each class.
    chosen
        Pages that a paged head reads of those that it may choose, a share in the mean; None where none may be chosen.
    again
        Share of a step's pages that the same head reads in the next one; None with one step.
    alone
        The same share if each step drew its pages anew, each with the same chance.
    touched
        Share of the pages between which was chosen that a head reads in any step.
    """

    dense: int
    paged: int
    streaming: int
    chosen: float | None
    again: float | None
    alone: float | None
    touched: float | None


def attention_statistics(trace: AttentionTrace) -> AttentionStatistics:
    """Work the numbers out."""
    header, classes = trace.header, trace.classes
    heads = [tuple(at) for at in np.argwhere(classes == PAGED).tolist()]
    first = -(-header.sink // header.page)
    there = [max(0, max(0, int(one) - header.recent) // header.page - first) for one in trace.context]
    starts = set(trace.prompt_start.tolist())
    shares: list[float] = []
    again: list[float] = []
    touched: list[float] = []
    for layer, head in heads:
        before: set[int] = set()
        ever: set[int] = set()
        for step, count in enumerate(there):
            if step in starts:
                before = set()
            pages = set(trace.pages(step, layer, head).tolist())
            if count:
                shares.append(len(pages) / count)
            if before:
                again.append(len(before & pages) / len(before))
            before = pages
            ever |= pages
        if max(there):
            touched.append(len(ever) / max(there))
    return AttentionStatistics(
        int((classes == DENSE).sum()),
        len(heads),
        int((classes == STREAMING).sum()),
        _mean(shares),
        _mean(again),
        _mean(shares) if again else None,
        _mean(touched),
    )


def _mean(values: list[float]) -> float | None:
    return float(np.mean(values)) if values else None
