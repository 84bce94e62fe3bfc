"""PrivQuant's bytes and latency over SiRNN's, by the formulas of the protocols."""

from dataclasses import dataclass
from functools import cache

from ahasd.claims.measuring.known_runs import Asked, KnownRuns
from ahasd.claims.measuring.value import Draws, drawn
from ahasd.claims.privquant.condition import PrivquantCondition
from ahasd.private_inference.network.link import link_named
from ahasd.private_inference.network.plan import Plan, plan
from ahasd.private_inference.network.rules import rules_named
from ahasd.private_inference.network.widths import read_widths
from ahasd.private_inference.network.zoo import network_named

#: Widths of SiRNN's networks (ours: its evaluation is of 16-bit fixed-point numbers).
SIRNN_WIDTHS = "w16a16"


@cache
def planned(network: str, widths: str, protocols: str) -> Plan:
    """A network with the same widths in every layer."""
    found = network_named(network)
    return plan(found, read_widths(widths, len(found.layers)), rules_named(protocols))


@dataclass(frozen=True, slots=True)
class OverSirnn:
    """By what factor SiRNN's protocols without fusion, at 16 bits, send more or take longer.

    Attributes
    ----------
    latency
        Whether seconds on the link are compared; bytes otherwise.
    """

    latency: bool = False

    def configurations(self, condition: PrivquantCondition) -> list[Asked]:
        """None: nothing is simulated."""
        return []

    def draws(self, known_runs: KnownRuns, condition: PrivquantCondition) -> Draws:
        """See `Measurement`; formulas have no seeds."""
        sirnn = planned(condition.network, SIRNN_WIDTHS, "sirnn")
        ours = planned(condition.network, condition.widths, "privquant")
        if self.latency:
            link = link_named(condition.link)
            return drawn((sirnn.seconds(link) / ours.seconds(link),))
        return drawn((sirnn.bytes / ours.bytes,))
