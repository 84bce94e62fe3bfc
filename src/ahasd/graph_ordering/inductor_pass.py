"""Orders of least peak for the scheduler of torch.compile (inductor, torch 2.13), as a pass that it can be given.

``torch._inductor.config._post_fusion_custom_pass = LeastPeakPass()`` is all it takes. Inductor's own pass
(``reorder_for_peak_memory``) comes after it and keeps whichever order it estimates lower. The hook is one of those
that its authors may change; nothing here imports torch before inductor itself calls.
"""

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

from ahasd.graph_ordering.order import Method, find_order
from ahasd.graph_ordering.problem import Block, OrderingProblem

#: CPU seconds for the search of one graph: compilation should not wait long (ours).
SECONDS = 5.0


class LeastPeakPass:
    """Orders a scheduler's nodes.

    Parameters
    ----------
    seconds
        CPU time of the exact search of one graph; beyond, the best of all other methods is taken.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds

    def __call__(self, nodes: list[Any]) -> list[Any]:
        """Return the nodes in an order of the least peak, or of the lowest that was found.

        Sizes and dependencies are inductor's (``prepare_planning_info``).
        """
        if not nodes:
            return nodes
        memory, graph = (
            import_module("torch._inductor.memory"),
            import_module("torch._inductor.virtualized").V.graph,
        )
        outputs = memory.OrderedSet(graph.get_output_names())
        scheduler = nodes[0].scheduler
        memory.prepare_planning_info(
            nodes,
            scheduler.name_to_buf,
            scheduler.name_to_fused_node,
            memory.OrderedSet(graph.graph_inputs.keys()),
            outputs,
        )
        return self.order(nodes, outputs)

    def order(self, nodes: Sequence[Any], outputs: Any) -> list[Any]:
        """Order nodes that have been prepared, given the names of what is put out."""
        found = find_order(scheduling_problem(nodes, outputs), Method.AUTO, self.seconds)
        return [nodes[number] for number in found.order]


def scheduling_problem(nodes: Sequence[Any], outputs: Any) -> OrderingProblem:
    """What inductor knows of its nodes, as a problem.

    Parameters
    ----------
    nodes
        With ``mpi_node``, and buffers with ``mpi_buffer``, as ``prepare_planning_info`` leaves them.
    outputs
        Names of buffers that live to the end.
    """
    number_of = {id(node): number for number, node in enumerate(nodes)}

    def numbers(others: Any) -> list[int]:
        return sorted(number_of[id(other)] for other in others if id(other) in number_of)

    blocks = [
        Block(
            buffer.get_name(),
            buffer.mpi_buffer.size_free,
            maker,
            tuple(sorted({*numbers(buffer.mpi_buffer.succ_nodes), *more})),
            buffer.get_name() in outputs,
        )
        for maker, buffer, more in _buffers(nodes)
        if buffer.mpi_buffer.size_free
    ]
    return OrderingProblem(
        tuple(node.get_name() for node in nodes),
        tuple(blocks),
        tuple(frozenset(numbers(node.mpi_node.pred_nodes)) for node in nodes),
        tuple(frozenset(numbers(node.mpi_node.succ_nodes)) for node in nodes),
    )


def _buffers(nodes: Sequence[Any]) -> Iterator[tuple[int | None, Any, tuple[int, ...]]]:
    """Buffers, who makes them, and who uses them besides those that inductor says.

    One of several results of a node has a node of its own that only picks it; its memory was taken before, with that
    of the others.
    """
    made = {id(buffer): number for number, node in enumerate(nodes) for buffer in node.get_outputs()}
    given: dict[str, Any] = {}
    for number, node in enumerate(nodes):
        several = [
            made[id(buffer)]
            for buffer in node.mpi_node.pred_buffers
            if id(buffer) in made and buffer.mpi_buffer.size_alloc and not buffer.mpi_buffer.size_free
        ]
        for buffer in node.get_outputs():
            picked = not buffer.mpi_buffer.size_alloc and several
            yield (several[0], buffer, (number,)) if picked else (number, buffer, ())
        for buffer in node.mpi_node.pred_buffers:
            if id(buffer) not in made:
                given[buffer.get_name()] = buffer
    for buffer in given.values():
        yield None, buffer, ()
