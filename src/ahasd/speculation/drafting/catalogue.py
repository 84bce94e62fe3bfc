"""The drafting algorithms there are; a new one joins by a line."""

from ahasd.errors import UnknownNameError
from ahasd.speculation.drafting.algorithm import Algorithm
from ahasd.speculation.drafting.algorithms.adaedl import ADAEDL
from ahasd.speculation.drafting.algorithms.exp3 import BANDITSPEC_EXP3
from ahasd.speculation.drafting.algorithms.fixed import FIXED
from ahasd.speculation.drafting.algorithms.specdecpp import SPECDECPP
from ahasd.speculation.drafting.algorithms.svip import SVIP
from ahasd.speculation.drafting.algorithms.ucb import BANDITSPEC_UCB

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
