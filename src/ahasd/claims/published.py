"""The forms in which papers give results: what the ledger judges, and what stands beside our tables."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PublishedRatio:
    """Throughput and energy of a system over those of another, as a paper gives them.

    Attributes
    ----------
    system, reference
        Ours that the paper's are read as.
    throughput
        Tokens per second over the reference's.
    source
        Paper and place.
    energy_per_token, energy_efficiency
        Joules per token over the reference's, or the inverse of that: which of the two the paper gives.
    """

    system: str
    reference: str
    throughput: float
    source: str
    energy_per_token: float | None = None
    energy_efficiency: float | None = None

    @property
    def energy(self) -> float:
        """Joules per token over the reference's."""
        if self.energy_per_token is not None:
            return self.energy_per_token
        assert self.energy_efficiency is not None, f"{self.source} gives an energy"
        return 1 / self.energy_efficiency


@dataclass(frozen=True, slots=True)
class PublishedChange:
    """A change in per cent, which is judged as the ratio that it makes.

    Attributes
    ----------
    percent
        With its sign.
    source
        Paper and place.
    """

    percent: float
    source: str

    @property
    def ratio(self) -> float:
        """After over before."""
        return 1 + self.percent / 100

    @property
    def text(self) -> str:
        """As papers write it."""
        return f"{self.percent:+g} %"
