"""The form of private inference: the options of ``ahasd private plan``."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ahasd.report.pictures.columns import Value
from ahasd.report.pictures.form import Field, Form
from ahasd.report.pictures.view import Shown

if TYPE_CHECKING:
    from ahasd.report.pictures.private.view import PrivateView


class PrivateForm(Form):
    """A network, its widths, a link, and protocols."""

    def __init__(self, view: "PrivateView") -> None:
        self._view = view

    def fields(self) -> Sequence[Field]:
        """As the command has them."""
        from ahasd.private_inference.network.zoo import network_names

        networks = tuple(network_names())
        return (
            Field("network", "Whose layers are run", "choice", networks[0], networks),
            Field("widths", "Bits of weights and activations", "text", "w4a4", ("w4a4", "w4a6", "w8a8")),
            Field("link", "lan, wan, or MB_PER_S:ROUND_TRIP_MS", "text", "wan", ("lan", "wan")),
            Field("protocols", "With its fusion, or without", "choice", "privquant", ("privquant", "sirnn")),
            Field("transfer", "Oblivious transfer", "choice", "iknp", ("iknp", "silent", "dealer")),
        )

    def answer(self, values: Mapping[str, Value]) -> Shown:
        """Plan it."""
        from dataclasses import replace

        from ahasd.private_inference.network.link import link_named
        from ahasd.private_inference.network.plan import plan
        from ahasd.private_inference.network.rules import rules_named
        from ahasd.private_inference.network.widths import read_widths
        from ahasd.private_inference.network.zoo import network_named
        from ahasd.private_inference.protocols.oblivious_transfer import oblivious_transfer_named
        from ahasd.report.private.plan import plan_json

        chosen = self._chosen(values)
        network = network_named(chosen["network"])
        rules = replace(
            rules_named(chosen["protocols"]), transfer=oblivious_transfer_named(chosen["transfer"])
        )
        planned = plan(network, read_widths(chosen["widths"], len(network.layers)), rules)
        return self._view.show(plan_json(planned, link_named(chosen["link"])), {})

    def command(self, values: Mapping[str, Value]) -> list[str]:
        """``ahasd private plan`` with what was chosen."""
        chosen = self._chosen(values)
        words = ["ahasd", "private", "plan", chosen["network"]]
        for name in ("widths", "link", "protocols", "transfer"):
            words += [f"--{name}", chosen[name]]
        return words

    def _chosen(self, values: Mapping[str, Value]) -> dict[str, str]:
        chosen = {field.name: str(field.default) for field in self.fields()}
        return chosen | {name: str(value) for name, value in values.items() if value is not None}
