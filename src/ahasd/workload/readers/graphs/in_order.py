"""Nodes of a file in an order in which they can run."""

from collections.abc import Sequence

from ahasd.errors import AhasdError
from ahasd.workload.graph import Node

#: Names shown of nodes that wait for each other (ours).
SHOWN = 6


def in_order(nodes: Sequence[Node], where: str) -> tuple[Node, ...]:
    """The nodes as they are given, but each after those whose results it reads.

    Raises
    ------
    AhasdError
        Some wait for each other; the message begins with `where` and names them.
    """
    maker = {made: number for number, node in enumerate(nodes) for made in node.outputs}
    needed = [{maker[name] for name in node.inputs if name in maker} for node in nodes]
    ran: set[int] = set()
    order: list[int] = []
    for root in range(len(nodes)):
        way = [root]
        on_way = {root}
        while way:
            number = way[-1]
            missing = next((other for other in sorted(needed[number]) if other not in ran), None)
            if number in ran or missing is None:
                if number not in ran:
                    ran.add(number)
                    order.append(number)
                on_way.discard(way.pop())
            elif missing in on_way:
                cycle = [nodes[place].name for place in way[way.index(missing) :]]
                others = f" and {len(cycle) - SHOWN} others" if len(cycle) > SHOWN else ""
                raise AhasdError(
                    f"{where}: nodes wait for each other in a circle: {', '.join(cycle[:SHOWN])}{others}"
                )
            else:
                way.append(missing)
                on_way.add(missing)
    return tuple(nodes[number] for number in order)
