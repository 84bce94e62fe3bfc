"""Gated task scheduling: which ranks have their compute units on, the draft's or the target's (GTSU)."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class RankSet(StrEnum):
    """Ranks by the model whose weights they hold."""

    DRAFT = "draft"
    TARGET = "target"


class GatingOptions(BaseModel):
    """What switching between the two rank sets costs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    switch_latency_s: float = Field(default=1e-6, ge=0, allow_inf_nan=False)
    """Seconds per switch. The paper (arXiv 2604.25326) bounds it by 1 µs, which is taken (ours); the authors'
    repository uses one PIM cycle."""


class RankGate:
    """Enables the compute units of one rank set and gates those of the other.

    Drafting runs with the draft's ranks enabled, which is how a run starts; a pre-verification switches to
    the target's and back, and each switch takes time.

    Attributes
    ----------
    enabled
        The rank set that can compute.
    switches
        How often it changed.
    """

    def __init__(self, options: GatingOptions) -> None:
        self.options = options
        self.enabled = RankSet.DRAFT
        self.switches = 0

    def enable(self, ranks: RankSet) -> float:
        """Let `ranks` compute, gate the others, and return the seconds that takes (0 if nothing changes)."""
        if ranks is self.enabled:
            return 0.0
        self.enabled = ranks
        self.switches += 1
        return self.options.switch_latency_s

    def require(self, ranks: RankSet) -> None:
        """Assert that `ranks` can compute now.

        Raises
        ------
        ValueError
            If they are gated: a fault of the schedule, which must call `enable` first.
        """
        if ranks is not self.enabled:
            raise ValueError(f"the {ranks} ranks are gated; the {self.enabled} ranks are enabled")
