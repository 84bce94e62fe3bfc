"""PrivQuant's factors over SiRNN, COINN and CoPriv."""

from ahasd.claims.claim import Claim
from ahasd.claims.condition_axes import combinations
from ahasd.claims.privquant.condition import LINK_AXIS, NETWORK_AXIS, WIDTHS_AXIS, PrivquantCondition
from ahasd.claims.privquant.over_sirnn import OverSirnn
from ahasd.claims.verdict import around

GROUP = "PrivQuant"
_SOURCE = "PrivQuant (arXiv 2410.09531, ICCAD 2024), abstract"

_BASE = PrivquantCondition()

_OPEN = "its networks and widths are not in what is public of it, so that no figure of ours can refute it"
_COINN = "COINN's protocols and the widths at which it is compared are not modelled here"
_COPRIV = "CoPriv's Winograd protocols and the networks that it prunes for them are not modelled here"


def claims() -> list[Claim[PrivquantCondition]]:
    """Bytes and latency over three frameworks, of which SiRNN's protocols are modelled."""
    return [
        _over_sirnn("bytes", "communication", 11.0),
        _untestable("bytes-coinn", "communication over COINN", 2.5, _COINN),
        _untestable("bytes-copriv", "communication over CoPriv", 2.8, _COPRIV),
        _over_sirnn("latency", "latency", 8.7),
        _untestable("latency-coinn", "latency over COINN", 1.8, _COINN),
        _untestable("latency-copriv", "latency over CoPriv", 2.4, _COPRIV),
    ]


def _over_sirnn(name: str, what: str, published: float) -> Claim[PrivquantCondition]:
    latency = name == "latency"
    axes = (NETWORK_AXIS, WIDTHS_AXIS, *([LINK_AXIS] if latency else []))
    return Claim(
        f"privquant-{name}-sirnn",
        GROUP,
        _SOURCE,
        f"{what} over SiRNN (here SiRNN's protocols at W16A16, computing left out)",
        f"{published:g}x",
        around(published),
        OverSirnn(latency),
        base=_BASE,
        alternatives=combinations(_BASE, *axes),
        capped=False,
        quick=True,
        unrefutable=_OPEN,
    )


def _untestable(name: str, what: str, published: float, why: str) -> Claim[PrivquantCondition]:
    return Claim(f"privquant-{name}", GROUP, _SOURCE, what, f"{published:g}x", untestable=why)
