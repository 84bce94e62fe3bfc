"""A graph as JSON: nodes with the values they read and write, and the values' sizes.

``nodes`` is a list of ``{name, op, inputs: [value], outputs: [value]}``, ``values`` maps a name to ``{kind, bytes}``
or ``{kind, shape, dtype}``, and perhaps ``alias_of``; kinds are input, constant, activation, output. Nodes may stand
in any order.
"""

from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any

from ahasd.errors import AhasdError
from ahasd.text_files import DATA_BYTES, parse_json, read_text
from ahasd.workload.graph import Graph, Node
from ahasd.workload.readers.graphs.in_order import in_order
from ahasd.workload.readers.graphs.value_types import bytes_of
from ahasd.workload.value import Value, ValueKind


def read_graph_json(path: Path) -> Graph:
    """Read a file.

    Raises
    ------
    AhasdError
        It cannot be read or is no such graph; the message names the file and what is wrong in it.
    """
    where = str(path)
    document = parse_json(read_text(path, "graph", DATA_BYTES), where)
    if not isinstance(document, dict):
        raise AhasdError(
            f"{where}: a graph is an object with nodes and values, not {type(document).__name__}"
        )
    values = {
        name: _value(name, said, where) for name, said in _part(document, "values", dict, where).items()
    }
    nodes = [_node(said, values, where) for said in _part(document, "nodes", list, where)]
    try:
        return Graph(in_order(nodes, where), values)
    except AhasdError as error:
        raise AhasdError(str(error) if str(error).startswith(where) else f"{where}: {error}") from error


def _part(document: Mapping[str, Any], name: str, kind: type, where: str) -> Any:
    part = document.get(name)
    if not isinstance(part, kind):
        raise AhasdError(f"{where}: a graph needs '{name}', a JSON {'object' if kind is dict else 'list'}")
    return part


def _node(said: Any, values: Mapping[str, Value], where: str) -> Node:
    if not isinstance(said, dict) or not isinstance(said.get("name"), str):
        raise AhasdError(f"{where}: a node is an object with a name, not {str(said)[:60]}")
    names: list[tuple[str, ...]] = []
    for field in ("inputs", "outputs"):
        part = said.get(field, [])
        if not isinstance(part, list) or not all(isinstance(name, str) for name in part):
            raise AhasdError(f"{where}: '{field}' of node {said['name']} must be a list of names of values")
        for name in part:
            if name not in values:
                raise AhasdError(f"{where}: node {said['name']} names the value {name}, which 'values' lacks")
        names.append(tuple(part))
    return Node(said["name"], str(said.get("op", "")), names[0], names[1])


def _value(name: str, said: Any, where: str) -> Value:
    place = f"{where}: value {name}"
    if not isinstance(said, dict):
        raise AhasdError(f"{place} must be an object with kind and bytes, or kind, shape and dtype")
    kinds = [kind.value for kind in ValueKind]
    if said.get("kind") not in kinds:
        raise AhasdError(f"{place}: kind is {said.get('kind')!r}; must be one of {', '.join(kinds)}")
    alias = said.get("alias_of")
    if alias is not None and not isinstance(alias, str):
        raise AhasdError(f"{place}: alias_of is {alias!r}; must be the name of a value")
    shape = said.get("shape")
    size = said.get("bytes")
    if shape is not None:
        shape = _shape(shape, place)
        counted = bytes_of(prod(shape), said.get("dtype"), place)
        if size is not None and size != counted:
            raise AhasdError(f"{place}: bytes is {size!r}, and its shape and dtype make {counted}")
        size = counted
    if isinstance(size, bool) or not isinstance(size, int) or size < 0:
        raise AhasdError(
            f"{place}: bytes is {size!r}; must be a whole number of at least 0, or give shape and dtype"
        )
    return Value(name, ValueKind(said["kind"]), size, shape, None, alias)


def _shape(said: Any, place: str) -> tuple[int, ...]:
    if not isinstance(said, list):
        raise AhasdError(f"{place}: shape is {said!r}; must be a list of lengths")
    for length in said:
        if isinstance(length, str):
            raise AhasdError(
                f"{place}: the length '{length}' of its shape is not a number; give it a value first"
            )
        if isinstance(length, bool) or not isinstance(length, int) or length < 0:
            raise AhasdError(f"{place}: {length!r} in its shape is no length")
    return tuple(said)
