"""What is public of PrivQuant leaves open the networks, their widths, and the link."""

from dataclasses import dataclass

from ahasd.claims.condition import Condition
from ahasd.claims.condition_axes import Change, same, saying


@dataclass(frozen=True, slots=True)
class PrivquantCondition(Condition):
    """What is varied; the defaults are ours.

    Attributes
    ----------
    network
        Which of ours.
    widths
        Of PrivQuant, the same in every layer.
    link
        Between the parties.
    """

    network: str = "resnet32-cifar"
    widths: str = "w4a4"
    link: str = "wan"


NETWORK_AXIS: tuple[Change[PrivquantCondition], ...] = (
    same,
    *(
        saying(name, PrivquantCondition, network=name)
        for name in ("minionn-cifar", "resnet18-cifar", "resnet50-imagenet")
    ),
)

#: From the narrowest of its choices to those that are taken for harmless.
WIDTHS_AXIS: tuple[Change[PrivquantCondition], ...] = (
    same,
    *(
        saying(widths.upper(), PrivquantCondition, widths=widths)
        for widths in ("w2a2", "w2a3", "w2a4", "w2a6", "w3a3", "w3a4", "w3a6", "w4a6")
    ),
)

LINK_AXIS: tuple[Change[PrivquantCondition], ...] = (same, saying("LAN", PrivquantCondition, link="lan"))
