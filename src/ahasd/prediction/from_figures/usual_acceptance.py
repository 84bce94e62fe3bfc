"""How often drafted tokens are accepted where nobody said: what the published record shows, with its spread."""

from dataclasses import dataclass

from ahasd.prediction.from_figures.setting import DraftMethod


@dataclass(frozen=True, slots=True)
class UsualAcceptance:
    """Chance that a drafted token is accepted if those before it were.

    Attributes
    ----------
    low, middle, high
        Below which a tenth, a half and nine tenths of the record lie, every project counting the same.
    projects
        How many there are.
    """

    low: float
    middle: float
    high: float
    projects: int


#: From the rows of tests/reference/field/speculation.csv that give an acceptance or tokens per pass, the chance that
#: makes as many tokens per pass at the row's draft length. Copying: accepted over drafted where something was found.
#: Of EAGLE and DSpark there is one project each; their spread is that of the other heads.
_RECORD: dict[DraftMethod, UsualAcceptance] = {
    "draft-model": UsualAcceptance(0.70, 0.79, 0.89, 3),
    "mtp": UsualAcceptance(0.74, 0.81, 0.90, 9),
    "eagle": UsualAcceptance(0.53, 0.60, 0.69, 1),
    "dflash": UsualAcceptance(0.78, 0.78, 0.84, 3),
    "dspark": UsualAcceptance(0.70, 0.77, 0.86, 1),
    "ngram": UsualAcceptance(0.05, 0.46, 0.96, 5),
}


def usual_acceptance(method: DraftMethod) -> UsualAcceptance | None:
    """What the record shows of a way to draft; None where it shows nothing that carries over."""
    return _RECORD.get(method)
