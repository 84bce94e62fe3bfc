"""A pass over several texts at once, over trees of tokens, or through some of the layers only."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from ahasd.workload.graph import Flow
from ahasd.workload.layered_graph import LayeredGraph
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.operators import Operator, OperatorKind
from ahasd.workload.passes import forward_pass
from ahasd.workload.precision import Precision


class OperatorList(NamedTuple):
    """Operators in order of execution, and what they hand to each other."""

    operators: tuple[Operator, ...]
    flows: tuple[Flow, ...] = ()


class Layers(NamedTuple):
    """Those from `first`, counted from 0, to before `last`.

    With the first layer comes the embedding, with the last one the head.
    """

    first: int
    last: int


def batched_pass(
    spec: ModelSpec,
    texts: int,
    tokens: int,
    context: int,
    precision: Precision,
    masked: bool = False,
    layers: Layers | None = None,
) -> OperatorList:
    """Operators of a pass of as many tokens of every text, each with as many entries in a cache of its own.

    Weights are read once for all texts. What works on a cache, and the softmax of its scores, is each text's own.
    What operators hand to each other is left out where only some of the layers are passed.

    Parameters
    ----------
    texts
        Of the batch.
    tokens
        New ones of each text: of a tree, its nodes and the root.
    context
        Entries in each text's cache.
    masked
        Whether tokens attend to others by a mask of their own, as those of a tree do: all scores are computed, also
        those that the mask then hides (a causal pass computes just over half of those among new tokens), and every
        layer reads the mask among the new tokens, an activation for each pair (ours).
    layers
        Which; all if not given.
    """
    one = forward_pass(spec, tokens, context, precision)
    wide = forward_pass(spec, texts * tokens, context, precision) if texts > 1 else one
    part = layers or Layers(0, spec.layers)
    mask = precision.activation_bytes(tokens * tokens) if masked else 0
    operators = tuple(
        _of_all_texts(own, shared, texts, mask)
        for own, shared in zip(_of_layers(one, part), _of_layers(wide, part), strict=True)
    )
    if layers is not None:
        return OperatorList(operators)
    return OperatorList(operators, tuple(flow._replace(bytes=flow.bytes * texts) for flow in one.flows))


def _of_all_texts(own: Operator, shared: Operator, texts: int, mask_bytes: int) -> Operator:
    """The operator of all texts: its own for each, or one that all share."""
    if mask_bytes and own.kind.is_attention:
        own = replace(own, macs=own.rows * own.inputs * own.outputs * own.instances)
    if mask_bytes and own.kind is OperatorKind.SCORE:
        own = replace(own, input_bytes=own.input_bytes + own.launches * mask_bytes)
    if not (own.on_cache or own.within_attention):
        return shared
    return replace(
        own,
        instances=own.instances * texts,
        macs=own.macs * texts,
        kv_read_bytes=own.kv_read_bytes * texts,
        kv_write_bytes=own.kv_write_bytes * texts,
        input_bytes=own.input_bytes * texts,
        output_bytes=own.output_bytes * texts,
        vector_operations=own.vector_operations * texts,
    )


def _of_layers(graph: LayeredGraph, layers: Layers) -> Iterator[Operator]:
    """Operators of some of the layers, in the order in which sections have them."""
    before = 0
    total = sum(section.times for section in graph.sections if section.name)
    for section in graph.sections:
        if section.name:
            times = max(0, min(layers.last, before + section.times) - max(layers.first, before))
            before += section.times
            if times:
                yield from section._replace(times=times).operators
        elif (before == 0 and layers.first == 0) or (before and layers.last >= total):
            yield from section.operators
