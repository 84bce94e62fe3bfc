"""The form of orders of graphs: networks that are built here, and the options of ``ahasd order``."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ahasd.report.pictures.columns import Value
from ahasd.report.pictures.form import Field, Form
from ahasd.report.pictures.view import Shown

if TYPE_CHECKING:
    from ahasd.report.pictures.ordering.view import OrderingView

#: CPU seconds of a search that someone waits for (ours).
PATIENCE_S = 1.0


class OrderForm(Form):
    """A network, how values may lie, and a method."""

    def __init__(self, view: "OrderingView") -> None:
        self._view = view

    def fields(self) -> Sequence[Field]:
        """Network, aliases and method."""
        from ahasd.graph_ordering.order import Method
        from ahasd.graph_ordering.problem import Aliases
        from ahasd.workload.networks.catalogue import NETWORKS

        networks = tuple(NETWORKS)
        return (
            Field("network", "Whose nodes are ordered", "choice", networks[0], networks),
            Field("aliases", "Where values lie", "choice", "copied", tuple(str(one) for one in Aliases)),
            Field("method", "How the order is found", "choice", "auto", tuple(str(one) for one in Method)),
        )

    def answer(self, values: Mapping[str, Value]) -> Shown:
        """Find an order."""
        from ahasd.graph_ordering.arena.plan import Fit
        from ahasd.graph_ordering.order import Method
        from ahasd.graph_ordering.outcome import examine
        from ahasd.graph_ordering.problem import Aliases, ordering_problem
        from ahasd.report.ordering.json import ordering_json
        from ahasd.workload.networks.catalogue import build_network

        name, aliases, method = self._chosen(values)
        problem = ordering_problem(build_network(name), Aliases(aliases))
        found = examine(name, problem, Aliases(aliases), Method(method), PATIENCE_S, False, Fit("auto"))
        return self._view.show(ordering_json(found), {})

    def command(self, values: Mapping[str, Value]) -> list[str]:
        """``ahasd order`` with what was chosen."""
        name, aliases, method = self._chosen(values)
        return ["ahasd", "order", "--network", name, "--aliases", aliases, "--method", method]

    def _chosen(self, values: Mapping[str, Value]) -> tuple[str, str, str]:
        defaults = {field.name: field.default for field in self.fields()}
        chosen = defaults | {name: value for name, value in values.items() if value is not None}
        return str(chosen["network"]), str(chosen["aliases"]), str(chosen["method"])
