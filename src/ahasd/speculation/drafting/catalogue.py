"""The drafting algorithms there are; a new one joins by a line."""

from ahasd.errors import UnknownNameError
from ahasd.speculation.drafting.algorithm import Algorithm
from ahasd.speculation.drafting.algorithms.adaedl import ADAEDL
from ahasd.speculation.drafting.algorithms.exp3 import BANDITSPEC_EXP3
from ahasd.speculation.drafting.algorithms.fixed import FIXED
from ahasd.speculation.drafting.algorithms.goodput import GOODPUT
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
        GOODPUT,
    )
}


#: Names as papers spell them. AHASD's does not say which of BanditSpec's two algorithms it runs; UCB is ours.
SPELLINGS = {"specdec++": "specdecpp", "banditspec": "banditspec-ucb"}


def find_algorithm(name: str) -> Algorithm:
    """Look an algorithm up, by its name or as its paper spells it; capitals do not matter.

    Raises
    ------
    UnknownNameError
        If there is none of that name.
    """
    plain = name.lower()
    plain = SPELLINGS.get(plain, plain)
    if plain not in ALGORITHMS:
        raise UnknownNameError("algorithm", name, ALGORITHMS)
    return ALGORITHMS[plain]


def algorithm_names() -> list[str]:
    """Return the names, in the order of the catalogue."""
    return list(ALGORITHMS)


def algorithm_descriptions() -> dict[str, str]:
    """Return {name: one line about it}, for listings."""
    return {algorithm.name: algorithm.description for algorithm in ALGORITHMS.values()}
