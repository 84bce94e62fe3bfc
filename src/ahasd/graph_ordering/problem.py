"""What the order of a graph's nodes decides: which bytes live at once.

A value lives from the node that makes it to the end of its last user; what the graph is run for lives to the end,
what it is given lives from the start. Constants are kept apart: they are there in every order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ahasd.graph_ordering.element_wise import is_element_wise
from ahasd.workload.graph import Graph, Node
from ahasd.workload.value import ValueKind


class Aliases(StrEnum):
    """Where a value lies that could lie in another's memory."""

    COPIED = "copied"
    """Every value has memory of its own."""
    VIEWS = "views"
    """A value that names another as the one in whose memory it lies takes none, and keeps that one alive."""
    IN_PLACE = "in-place"
    """Besides, what an element-wise node makes takes the memory of an input of as many bytes that is used last there.

    What the graph is given is never overwritten: it is its owner's.
    """


@dataclass(frozen=True, slots=True)
class Block:
    """Memory that is taken and given back at once: a value, and all views of it.

    Attributes
    ----------
    name
        The value's.
    bytes
        What it takes.
    maker
        The number of the node that makes it; None for what is given.
    users
        Numbers of the nodes that read it or a view of it, ascending.
    kept
        Whether it lives to the end.
    """

    name: str
    bytes: int
    maker: int | None
    users: tuple[int, ...]
    kept: bool


@dataclass(frozen=True, slots=True)
class OrderingProblem:
    """Nodes by number, and the blocks between them.

    Attributes
    ----------
    names
        Of the nodes, in the order in which they were given.
    blocks
        All memory that the order decides on.
    predecessors, successors
        By node, the nodes that make what it reads, and those that read what it makes.
    overwritten
        By node that may work in place: blocks, each as large as the one that the node makes, which then takes the
        memory of one that is used last there.
    """

    names: tuple[str, ...]
    blocks: tuple[Block, ...]
    predecessors: tuple[frozenset[int], ...]
    successors: tuple[frozenset[int], ...]
    overwritten: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

    @property
    def nodes(self) -> int:
        """How many there are."""
        return len(self.names)


def ordering_problem(graph: Graph, aliases: Aliases = Aliases.COPIED) -> OrderingProblem:
    """Read the problem off a graph.

    An input that nobody reads counts for nothing: whoever gives it keeps it.
    """
    maker_of = {name: number for number, node in enumerate(graph.nodes) for name in node.outputs}
    before: list[set[int]] = [set() for _ in graph.nodes]
    after: list[set[int]] = [set() for _ in graph.nodes]
    users: dict[str, set[int]] = {}
    kept: set[str] = set()
    for number, node in enumerate(graph.nodes):
        for name in node.inputs:
            users.setdefault(_owner(name, graph, aliases), set()).add(number)
            if name in maker_of:
                before[number].add(maker_of[name])
                after[maker_of[name]].add(number)
        for name in node.outputs:
            owner = _owner(name, graph, aliases)
            if owner != name:
                users.setdefault(owner, set()).add(number)
            if graph.values[name].kind is ValueKind.OUTPUT:
                kept.add(owner)
    blocks = tuple(
        Block(name, value.bytes, maker_of.get(name), tuple(sorted(users.get(name, ()))), name in kept)
        for name, value in graph.values.items()
        if value.kind is not ValueKind.CONSTANT and _owner(name, graph, aliases) == name
        if name in maker_of or name in users
    )
    return OrderingProblem(
        tuple(node.name for node in graph.nodes),
        blocks,
        tuple(map(frozenset, before)),
        tuple(map(frozenset, after)),
        _overwritten(graph, blocks) if aliases is Aliases.IN_PLACE else {},
    )


def _overwritten(graph: Graph, blocks: tuple[Block, ...]) -> dict[int, tuple[int, ...]]:
    """Blocks that nodes may overwrite; neither empty ones, nor those that are given or live to the end."""
    number_of = {block.name: number for number, block in enumerate(blocks)}
    found = {}
    for number, node in enumerate(graph.nodes):
        made = [block for name in node.outputs if (block := number_of.get(name)) is not None]
        if len(made) != 1 or len(node.outputs) != 1 or not is_element_wise(node.op):
            continue
        size = blocks[made[0]].bytes
        fits = [
            read
            for read in _read(graph, node, number_of)
            if blocks[read].maker is not None and not blocks[read].kept and blocks[read].bytes == size > 0
        ]
        if fits:
            found[number] = tuple(fits)
    return found


def _read(graph: Graph, node: Node, number_of: Mapping[str, int]) -> list[int]:
    owners = dict.fromkeys(_owner(name, graph, Aliases.IN_PLACE) for name in node.inputs)
    return [number_of[name] for name in owners if name in number_of]


def _owner(name: str, graph: Graph, aliases: Aliases) -> str:
    """The value whose memory a value lies in; views of views lead there too."""
    while aliases is not Aliases.COPIED and (base := graph.values[name].alias_of) is not None:
        name = base
    return name
