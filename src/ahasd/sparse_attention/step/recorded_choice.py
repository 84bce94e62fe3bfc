"""The choice of pages that a trace has recorded."""

import numpy as np

from ahasd.errors import AhasdError
from ahasd.sparse_attention.heads.head_class import HeadClass
from ahasd.sparse_attention.heads.split import HeadSplit
from ahasd.sparse_attention.pages.paging import Paging
from ahasd.sparse_attention.pages.selector import Pages
from ahasd.sparse_attention.pages.window import Window
from ahasd.sparse_attention.step.model_shape import ModelShape
from ahasd.sparse_attention.step.page_choice import PageChoice
from ahasd.sparse_attention.system import SparseAttentionSystem
from ahasd.traces.attention.trace import AttentionTrace


class RecordedChoice(PageChoice):
    """Replays a trace, step by step."""

    def __init__(self, trace: AttentionTrace) -> None:
        self._trace = trace

    def pages(self, step: int, layer: int, head: int, request: int, context: int) -> Pages:
        """See the base class."""
        return self._trace.pages(step, layer, head)


def paging_of(trace: AttentionTrace) -> Paging:
    """Pages, budget and window as a trace has them."""
    header = trace.header
    return Paging(header.page, header.budget, Window(header.sink, header.recent))


def split_of(trace: AttentionTrace, shape: ModelShape, system: SparseAttentionSystem) -> HeadSplit:
    """Classes of the heads as a trace has them, as far as a system knows them.

    Raises
    ------
    AhasdError
        The trace is of another shape, or the system chooses pages in heads that chose none.
    """
    header = trace.header
    if (trace.layers, trace.heads, header.queries) != (shape.layers, shape.heads, shape.group):
        raise AhasdError(
            f"the attention trace has {trace.layers} layers of {trace.heads} key-value heads with "
            f"{header.queries} queries "
            f"each, and {shape.name} has {shape.layers} of {shape.heads} with {shape.group}: give --model "
            f"the trace's own "
            f"({header.model})"
        )
    classes = trace.classes.astype(np.int8)
    if not system.sparse:
        return HeadSplit.alike(shape.layers, shape.heads, HeadClass.DENSE)
    if not system.streaming and (classes == HeadClass.STREAMING).any():
        raise AhasdError(
            f"{system.name} chooses pages in every head, and some heads of the trace stream and chose none; "
            f"use h2eal or "
            "duo-bonded, or a trace without streaming heads"
        )
    if not system.paged:
        classes[classes == HeadClass.PAGED] = HeadClass.DENSE
    if system.paged and trace.shared != (system.sharing == "shared"):
        has = "share pages" if trace.shared else "choose pages each for itself"
        raise AhasdError(
            f"queries of a head {has} in the trace; --set system.sharing={'shared' if trace.shared else 'separate'}"
        )
    return HeadSplit(classes).with_dense_layers(system.dense_layers)
