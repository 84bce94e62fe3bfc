"""Which protocols a plan takes: with what fusion, and who receives."""

from dataclasses import dataclass
from typing import Literal

from ahasd.errors import UnknownNameError
from ahasd.private_inference.protocols.oblivious_transfer import IKNP, ObliviousTransfer


@dataclass(frozen=True, slots=True)
class Rules:
    """Choices that change bytes and rounds, and no output.

    Attributes
    ----------
    name
        As users call it.
    skip_extension
        A truncation hands its small ring on; without it the ring is restored first.
    known_sign
        Extensions after a ReLU use that nothing is negative.
    reuse_extension
        A sum takes the kept value as it was extended for the first product that read it, if its sign is known
        (simplified residual).
    receiver
        Whose operand is fed bit by bit.
    transfer
        The kind of oblivious transfer.
    """

    name: str
    skip_extension: bool = True
    known_sign: bool = True
    reuse_extension: bool = True
    receiver: Literal["cheaper", "server", "client"] = "cheaper"
    transfer: ObliviousTransfer = IKNP


#: PrivQuant's optimisations (arXiv 2410.09531), and SiRNN's protocols without them; SiRNN's public code also lets the
#: cheaper operand receive.
PRIVQUANT = Rules("privquant")
SIRNN = Rules("sirnn", skip_extension=False, known_sign=False, reuse_extension=False)

RULES = {rules.name: rules for rules in (PRIVQUANT, SIRNN)}


def rules_named(name: str) -> Rules:
    """Find a set of rules.

    Raises
    ------
    UnknownNameError
        There is none of that name.
    """
    if name not in RULES:
        raise UnknownNameError("protocols", name, RULES)
    return RULES[name]
