"""The drafting algorithms there are; a new one joins by a line."""

from ahasd.drafting.adaedl import ADAEDL
from ahasd.drafting.algorithm import Algorithm
from ahasd.drafting.exp3 import BANDITSPEC_EXP3
from ahasd.drafting.fixed import FIXED
from ahasd.drafting.specdecpp import SPECDECPP
from ahasd.drafting.svip import SVIP
from ahasd.drafting.ucb import BANDITSPEC_UCB
from ahasd.errors import UnknownNameError

ALGORITHMS: dict[str, Algorithm] = {
    algorithm.name: algorithm
    for algorithm in (
        FIXED,
        SPECDECPP,
        SVIP,
        ADAEDL,
        BANDITSPEC_UCB,
        BANDITSPEC_EXP3,
    )
}


def find_algorithm(name: str) -> Algorithm:
    """Look an algorithm up.

    Raises
    ------
    UnknownNameError
        If there is none of that name.
    """
    if name not in ALGORITHMS:
        raise UnknownNameError("algorithm", name, ALGORITHMS)
    return ALGORITHMS[name]


def algorithm_names() -> list[str]:
    """Return the names, in the order of the catalogue."""
    return list(ALGORITHMS)


def algorithm_descriptions() -> dict[str, str]:
    """Return {name: one line about it}, for listings."""
    return {algorithm.name: algorithm.description for algorithm in ALGORITHMS.values()}
