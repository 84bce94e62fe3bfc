"""The result of a run: what ``results.json`` holds, whatever the family; a family adds a section of its own."""

from typing import Any, Self

from pydantic import Field, model_validator

from ahasd.family.energy_report import EnergyReport
from ahasd.family.figures import ASKED, check_figures
from ahasd.family.notebook import frame, in_notebook
from ahasd.family.record import Record
from ahasd.hardware.placement.device_kinds import DEVICES, DeviceName

SCHEMA_VERSION = 2


class Work(Record):
    """What was done: so many of a unit."""

    done: int
    unit: str


class DeviceShares(Record):
    """Shares of the time: working, without work, waiting for something shared."""

    busy: float
    idle: float
    blocked: float


class QueueOccupancy(Record):
    """Occupancy of a queue: time-weighted mean, most entries, seconds full, entries that had to wait for room."""

    mean: float
    max: int
    full_s: float
    blocked_pushes: int


def joules_text(joules_per_token: float | None) -> str:
    """Energy of a token in a sentence."""
    return "energy not known" if joules_per_token is None else f"{joules_per_token:.3g} J/token"


class Way(Record):
    """A way to use the hardware, and what it comes to; None for joules where the hardware's energy is not known."""

    name: str
    tokens_per_second: float
    joules_per_token: float | None

    @property
    def title(self) -> str:
        """As a sentence names it."""
        return self.name

    @property
    def rate(self) -> str:
        """Its figures in a sentence."""
        return f"{self.tokens_per_second:.4g} tokens/s, {joules_text(self.joules_per_token)}"


class Baseline(Way):
    """The plain way on the same hardware, and the device that it works on.

    ``how`` tells two ways of the same devices apart.
    """

    device: DeviceName
    how: str = ""

    @property
    def title(self) -> str:
        """As a sentence names it."""
        how = f", {self.how}" if self.how else ""
        return f"the target alone on {DEVICES[self.device].title}{how}"


class Verdict(Record):
    """What is best here, of all that was compared on this hardware.

    Attributes
    ----------
    best
        Name of the fastest way.
    best_by_energy
        Name of the way that takes least energy, where that is another one; else None.
    pays
        Whether the way asked for is the best, or within 1 % of it.
    speedup_over_best_alone, joules_ratio
        Speed, and joules per token, of the way asked for over those of the fastest plain way; None if it is one (and
        the joules where that takes none, or they are not known).
    alternatives
        The other ways.
    sentence
        All that for a reader.
    """

    best: str
    best_by_energy: str | None = None
    pays: bool
    speedup_over_best_alone: float | None = None
    joules_ratio: float | None = None
    alternatives: list[Way] = Field(default_factory=list)
    sentence: str


class Result(Record):
    """The core of every result. Energy is that of ``seconds``; None, or empty, where the hardware's is not known."""

    schema_version: int = SCHEMA_VERSION
    family: str
    system: str
    hardware: str
    verdict: Verdict
    work: Work
    seconds: float
    energy_j: dict[str, float]
    average_power_w: float | None
    energy_report: EnergyReport | None
    devices: dict[str, DeviceShares]
    options: dict[str, Any]
    notes: list[str]
    reproduce: dict[str, Any]

    @model_validator(mode="after")
    def _possible(self) -> Self:
        check_figures(self.model_dump(exclude={*ASKED}), self.notes)
        return self

    @property
    def title(self) -> str:
        """What ran where, in a line."""
        return f"{self.system} on {self.hardware}"

    def __repr__(self) -> str:
        """One line: what ran and the verdict."""
        return f"<{self.title}. {self.verdict.sentence}>"

    __str__ = __repr__

    def _repr_html_(self) -> str:
        """Sentence, table and chart, for a notebook."""
        return in_notebook(self)

    def to_frame(self) -> Any:
        """One row of all figures and names, under names with dots, as pandas or polars has it.

        Raises
        ------
        AhasdError
            Neither is installed.
        """
        return frame([self])

    def side_by_side(self) -> dict[str, float]:
        """The family's own figures in which runs are compared, by the heading of their column."""
        return {}

    def groups(self) -> dict[str, dict[str, str]]:
        """The family's own figures for people, by heading and name."""
        return {"Work": {self.work.unit: f"{self.work.done}", "time": f"{self.seconds:.4f} s"}}


class TokenResult(Result):
    """The result of a run that writes text. ``seconds`` and energy are those of decoding; prefill is apart.

    Attributes
    ----------
    baseline
        The target alone on the device that verifies; None if this is the target alone.
    speedup
        Over ``baseline``.
    placement
        Channel and rank of every rank that holds a model.
    """

    pair: str
    acceptance_from: str | None = Field(
        description="whose acceptance this is: the trace's, not the pair's; None where nothing is drafted"
    )
    tokens: int
    tokens_per_second: float
    joules_per_token: float | None
    ttft_s: float
    tpot_s: float
    seconds_prefill: float
    energy_prefill_j: float | None
    baseline: Baseline | None = None
    speedup: float | None = None
    placement: dict[str, list[tuple[int, int]]]

    def groups(self) -> dict[str, dict[str, str]]:
        """How fast the text is written."""
        return {
            "Speed": {
                "tokens": f"{self.tokens}",
                "decode time": f"{self.seconds:.4f} s",
                "prefill time": f"{self.seconds_prefill:.4f} s",
                "throughput": f"{self.tokens_per_second:.3f} tokens/s",
                "time to first token": f"{self.ttft_s:.4f} s",
                "time per output token": f"{self.tpot_s * 1e3:.2f} ms",
                "energy per token": "not known"
                if self.joules_per_token is None
                else f"{self.joules_per_token:.4f} J",
            }
        }
