"""What a run comes to, as far as claims ask."""

from dataclasses import dataclass

from ahasd.speculation.results import SpeculationResult


@dataclass(frozen=True, slots=True)
class Figures:
    """One run.

    Attributes
    ----------
    tokens_per_second
        Decode speed.
    joules
        Per token, by component.
    acceptance
        {``verified``: accepted of those verified up to the first rejection, ``drafted``: accepted of all drafted}.
    busy
        Busy shares of the devices.
    """

    tokens_per_second: float
    joules: dict[str, float]
    acceptance: dict[str, float]
    busy: dict[str, float]


def figures(result: SpeculationResult) -> Figures:
    """Take from a result what claims ask."""
    return Figures(
        result.tokens_per_second,
        {name: joules / result.tokens for name, joules in result.energy_j.items()},
        {
            "verified": result.speculation.draft_acceptance_rate or 0.0,
            "drafted": result.speculation.draft_efficiency or 0.0,
        },
        {name: shares.busy for name, shares in result.devices.items()},
    )
