"""The graph of a program of torch.export."""

from pathlib import Path
from typing import Any

from ahasd.decoding.exported.program import Steps, load_program, made_by, steps_of, value_name
from ahasd.workload.graph import Graph, Node
from ahasd.workload.value import Value, ValueKind


def read_exported(path: Path) -> Graph:
    """Read a ``.pt2``.

    Raises
    ------
    AhasdError
        It cannot be read, or its nodes cannot be ordered; the message names the file and the cause.
    """
    return graph_of(steps_of(load_program(path), str(path)))


def graph_of(steps: Steps) -> Graph:
    """The graph whose nodes are the steps of a program, in its order."""
    values: dict[str, Value] = {}
    for names, kind in ((steps.given, ValueKind.INPUT), (steps.constants, ValueKind.CONSTANT)):
        values |= {name: _value(name, kind, steps) for name in names}
    nodes = []
    for call in steps.calls:
        read = tuple(name for name in map(value_name, call.all_input_nodes) if name in steps.tensors)
        base = _base(call, read)
        made = made_by(call)
        for name in made:
            kind = ValueKind.OUTPUT if name in steps.returned else ValueKind.ACTIVATION
            values[name] = _value(name, kind, steps)._replace(
                alias_of=base if base is not None and values[base].kind is not ValueKind.CONSTANT else None
            )
        nodes.append(Node(call.name, str(call.target), read, made))
    return Graph(tuple(nodes), values)


def _value(name: str, kind: ValueKind, steps: Steps) -> Value:
    tensor = steps.tensors[name]
    return Value(name, kind, tensor.numel() * tensor.element_size(), tuple(tensor.shape))


def _base(call: Any, read: tuple[str, ...]) -> str | None:
    """What the result is a view of, as the operator's schema says it; those that may copy say so, too, and do not."""
    returns = call.target._schema.returns
    is_view = bool(returns) and returns[0].alias_info is not None and not returns[0].alias_info.is_write
    may_copy = call.target._schema.name in ("aten::reshape", "aten::contiguous", "aten::flatten", "aten::to")
    return read[0] if is_view and not may_copy and read else None
