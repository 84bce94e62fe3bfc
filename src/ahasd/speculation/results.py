"""The section of a result that speaks of drafts, verdicts, queues and controllers."""

from typing import Any

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from ahasd.family.record import Record
from ahasd.family.result import QueueOccupancy, TokenResult
from ahasd.speculation.weights_record import WeightsRecord


class EdcRecord(Record):
    """EDC's decisions; ``correct`` compares each with its own batch's fate, where the batch met a verdict."""

    decisions: int
    continued: int
    stopped: int
    judged: int
    correct: int
    confusion: dict[str, int]


class TvcRecord(Record):
    """How often TVC was asked and pre-verified, how many tokens, and how many of their verdicts were used.

    ``mean_relative_error`` is that of its predictions of the NPU's time, over the ``predicted`` verifications.
    """

    consulted: int
    inserted: int
    tokens: int
    useful: int
    rank_switches: int
    predicted: int
    mean_relative_error: float | None
    relative_error_maximum: float | None


class Controllers(Record):
    """Statistics of the controllers that the system has."""

    edc: EdcRecord | None = None
    tvc: TvcRecord | None = None


class SpeculationSection(Record):
    """What was drafted and what became of it.

    ``joules_wasted`` is drafting whose tokens were not emitted and target work whose verdicts were not used, and
    ``joules_per_wasted_token`` that over the drafted tokens that were not emitted (None if all were); both are None
    where the hardware's energy is not known, and of trees, whose nodes pass together. Of a tree, ``accepted`` are the
    nodes on the text's path, ``rejected`` counts paths that ended where a node had children, ``flushed`` all other
    nodes. Passes are counted for each text.
    ``mean_acceptance_length`` counts the last round whole. ``mean_draft_length`` is what a verification was given.
    Pre-verifications are passes of the target, too.

    Attributes
    ----------
    break_even_acceptance
        Acceptance rate from which this system is as fast as the target alone is anywhere on this hardware, to a
        hundredth; None if no acceptance is enough, or any.
    bound
        Why this is a bound and no machine that can be built; empty if it is one.
    always_pays
        Whether it is as fast even with every draft rejected; None if the break-even was not searched.
    """

    algorithm: str
    algorithm_provenance: str | None
    bound: str = ""
    tokens_cut: int
    drafted: int
    accepted: int
    rejected: int
    flushed: int
    in_flight: int
    draft_acceptance_rate: float | None
    draft_efficiency: float | None
    wasted: int
    verifications: int
    mean_acceptance_length: float
    mean_draft_length: float | None
    accepted_histogram: dict[int, int]
    joules_wasted: float | None
    joules_per_wasted_token: float | None
    break_even_acceptance: float | None
    always_pays: bool | None
    queues: dict[str, QueueOccupancy]
    controller: Controllers
    trace_wraps: int


class SpeculationResult(TokenResult):
    """One simulated run of speculative decoding, or of its target alone.

    Attributes
    ----------
    weights
        How the models' weights are kept, of those of which a file or an option says; absent if of none.
    """

    speculation: SpeculationSection
    weights: dict[str, WeightsRecord] = Field(default_factory=dict)

    @model_serializer(mode="wrap")
    def _without_empty(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out what plain widths do not have."""
        document: dict[str, Any] = serialize(self)
        if not self.weights:
            document.pop("weights", None)
        return document

    @property
    def title(self) -> str:
        """What ran where, and which algorithm drafted."""
        about = self.speculation
        provenance = f" ({about.algorithm_provenance})" if about.algorithm_provenance else ""
        return f"{super().title}: {self.pair}, algorithm {about.algorithm}{provenance}"

    def groups(self) -> dict[str, dict[str, str]]:
        """Speed, tokens, queues and controllers."""
        about = self.speculation
        queues = {
            name: f"mean {queue.mean:.2f}   max {queue.max}   full {queue.full_s:.3f} s   "
            f"had to wait {queue.blocked_pushes}"
            for name, queue in about.queues.items()
        }
        return super().groups() | {
            "Weights": {model: record.line for model, record in self.weights.items()},
            "Tokens": _tokens(about),
            "Queues": queues,
            "Controllers": _controllers(about.controller),
        }


def _tokens(about: SpeculationSection) -> dict[str, str]:
    rows = {
        "passes of the target": f"{about.verifications}",
        "mean acceptance length": f"{about.mean_acceptance_length:.3f} tokens per pass",
    }
    if about.drafted:
        rows |= {
            "acceptance rate": f"{about.draft_acceptance_rate or 0.0:.3f}",
            "drafted": f"{about.drafted} = {about.accepted} accepted + {about.rejected} rejected "
            f"+ {about.flushed} flushed + {about.in_flight} in flight",
            "draft efficiency": f"{about.draft_efficiency or 0.0:.3f}",
            "accepted per pass": "  ".join(f"{n}: {c}" for n, c in about.accepted_histogram.items()),
        }
    if about.drafted and about.joules_wasted is not None:
        each = about.joules_per_wasted_token
        apiece = f", {each:.4f} J for each wasted token" if each is not None else ""
        rows["energy wasted"] = f"{about.joules_wasted:.3f} J{apiece}"
    return rows


def _controllers(controller: Controllers) -> dict[str, str]:
    rows = {}
    edc, tvc = controller.edc, controller.tvc
    if edc is not None:
        rows["EDC"] = (
            f"{edc.decisions} decisions: {edc.continued} continued, {edc.stopped} stopped; "
            f"{edc.correct} of {edc.judged} judged ones correct"
        )
    if tvc is not None:
        rows["TVC"] = (
            f"consulted {tvc.consulted} times, pre-verified {tvc.inserted} times, {tvc.tokens} tokens, "
            f"{tvc.useful} of use; {tvc.rank_switches} rank switches"
        )
        if tvc.mean_relative_error is not None:
            rows["TVC's prediction"] = (
                f"of the NPU's time: off by {tvc.mean_relative_error:.1%} on average, "
                f"{tvc.relative_error_maximum or 0.0:.1%} at most"
            )
    return rows
