"""By what factor narrow widths send less than SiRNN's protocols at 16 bits, width by width."""

from ahasd.claims.privquant.over_sirnn import SIRNN_WIDTHS, planned
from ahasd.private_inference.network.link import LINKS
from ahasd.report.table import Table, right

#: Networks and widths of the page's tables.
NETWORKS = ("resnet32-cifar", "resnet50-imagenet")
BITS = (2, 3, 4, 6, 8)


def frontier_tables() -> list[Table]:
    """For each network: bytes, and seconds on the WAN, of SiRNN at W16A16 over PrivQuant's protocols at W x A."""
    return [_table(network, latency) for network in NETWORKS for latency in (False, True)]


def _table(network: str, latency: bool) -> Table:
    what = "seconds on the WAN" if latency else "bytes"
    rows = [[f"W{w}", *(f"{_factor(network, w, a, latency):.1f}" for a in BITS)] for w in BITS]
    return Table(right("", *(f"A{a}" for a in BITS)), rows, f"{network}: SiRNN's {what} over ours")


def _factor(network: str, w: int, a: int, latency: bool) -> float:
    sirnn, ours = planned(network, SIRNN_WIDTHS, "sirnn"), planned(network, f"w{w}a{a}", "privquant")
    link = LINKS["wan"]
    return sirnn.seconds(link) / ours.seconds(link) if latency else sirnn.bytes / ours.bytes
