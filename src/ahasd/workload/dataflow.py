"""Which operators of a pass read what which others write."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ahasd.workload.operators import Operator


@dataclass(frozen=True, slots=True)
class Value:
    """What one operator writes and others read.

    Attributes
    ----------
    producer, consumers
        Names of operators; a consumer may stand before the producer, in the next layer.
    bytes
        In all layers together.
    """

    producer: str
    consumers: tuple[str, ...]
    bytes: int


def values(operators: Sequence[Operator]) -> tuple[Value, ...]:
    """List the values of a pass as :func:`~ahasd.workload.passes.forward_pass` lays it out.

    The residual stream counts as two values, one that goes on to the next layer and one that leaves the last; the
    cache and the tokens themselves are none.
    """
    by_name = {operator.name: operator for operator in operators}
    norm = _last(by_name, "layer.attention_norm", "layer.norm")
    feed_forward = _last(by_name, norm, "layer.feed_forward_norm")
    entry = _last(by_name, "embedding", "project_in", "position_add")
    rotated = [name for name in ("layer.query_key_norm", "layer.rotary") if name in by_name]
    links: list[tuple[str, tuple[str, ...]]] = [
        ("embedding", ("project_in",) if "project_in" in by_name else ("position_add",)),
        ("project_in", ("position_add",)),
        ("position_embedding", ("position_add",)),
        (entry, (norm, "layer.attention_residual")),
        (norm, ("layer.query", "layer.key", "layer.value")),
        ("layer.query", (rotated[0] if rotated else "layer.score",)),
        ("layer.key", (rotated[0] if rotated else "layer.append",)),
        *[(first, (second,)) for first, second in pairwise(rotated)],
        *[(name, ("layer.append", "layer.score")) for name in rotated[-1:]],
        ("layer.value", ("layer.append",)),
        ("layer.score", ("layer.softmax",)),
        ("layer.softmax", ("layer.context",)),
        ("layer.context", ("layer.attention_output",)),
        ("layer.attention_output", ("layer.attention_residual",)),
        ("layer.attention_residual", ("layer.feed_forward_norm", "layer.feed_forward_residual")),
        (feed_forward, ("layer.gate", "layer.up")),
        ("layer.gate", ("layer.activation",)),
        ("layer.up", ("layer.activation",)),
        ("layer.activation", ("layer.down",)),
        ("layer.down", ("layer.feed_forward_residual",)),
        ("final_norm", ("project_out",) if "project_out" in by_name else ("lm_head",)),
        ("project_out", ("lm_head",)),
        ("lm_head", ("lm_head_softmax",)),
    ]
    consumers: dict[str, tuple[str, ...]] = {}
    for producer, readers in links:
        consumers[producer] = consumers.get(producer, ()) + tuple(n for n in readers if n in by_name)
    found = [
        Value(name, readers, by_name[name].output_bytes)
        for name, readers in consumers.items()
        if name in by_name and readers
    ]
    stream = by_name["layer.feed_forward_residual"]
    of_layer = stream.output_bytes // stream.launches
    if stream.launches > 1:
        again = (norm, "layer.attention_residual")
        found.append(Value(stream.name, again, of_layer * (stream.launches - 1)))
    leaves = _last(by_name, stream.name, "lm_head", "project_out", "final_norm")
    if leaves != stream.name:
        found.append(Value(stream.name, (leaves,), of_layer))
    return tuple(found)


def _last(by_name: dict[str, Operator], *names: str) -> str:
    """Return the last of the names that an operator has; the first if none."""
    return next((name for name in reversed(names) if name in by_name), names[0])
