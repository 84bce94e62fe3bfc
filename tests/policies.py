"""Drafting policies for tests: one that knows two rules, and one that notes what it is told, as an EDC does too."""

from typing import Any

from ahasd.speculation.control.edc.edc import EdcPrediction, EntropyDraftControl
from ahasd.speculation.control.edc.options import EntropyDraftControlOptions
from ahasd.speculation.drafting.policy import DraftingPolicy
from ahasd.traces.rollout.walk import DraftSignals


class EntropyAbove(DraftingPolicy):
    """Stops at a length, or sooner after an uncertain token."""

    def __init__(self, maximum_length: int, entropy: float) -> None:
        super().__init__(maximum_length)
        self.entropy = entropy

    def _ends_batch(self, signals: DraftSignals) -> bool:
        return signals.entropy > self.entropy


class Listening(DraftingPolicy):
    """A policy that passes everything on to another.

    Attributes
    ----------
    calls
        ("start", round), ("should_stop", entropy, answer), and ("verified", round, drafted, accepted, seconds).
    """

    def __init__(self, inside: DraftingPolicy, calls: list[tuple[Any, ...]] | None = None) -> None:
        super().__init__(inside.maximum_length)
        self.inside = inside
        self.calls: list[tuple[Any, ...]] = [] if calls is None else calls

    def of(self, *names: str) -> list[tuple[Any, ...]]:
        """The calls of these names."""
        return [call for call in self.calls if call[0] in names]

    @property
    def told(self) -> list[tuple[Any, ...]]:
        """Round, drafted, accepted, seconds of every verdict."""
        return [call[1:] for call in self.of("verified")]

    def start(self, round: int) -> None:
        super().start(round)
        self.calls.append(("start", round))
        self.inside.start(round)

    def verified(self, round: int, drafted: int, accepted: int, seconds: float) -> None:
        super().verified(round, drafted, accepted, seconds)
        self.calls.append(("verified", round, drafted, accepted, seconds))
        self.inside.verified(round, drafted, accepted, seconds)

    def _ends_batch(self, signals: DraftSignals) -> bool:
        answer = self.inside.should_stop(signals)
        self.calls.append(("should_stop", signals.entropy, answer))
        return answer


class ListeningEdc(EntropyDraftControl):
    """EDC that notes ("edc drafted", mean entropy), ("edc verified", mean entropy, accepted) and ("edc flush",)."""

    def __init__(self, options: EntropyDraftControlOptions, calls: list[tuple[Any, ...]]) -> None:
        super().__init__(options)
        self.calls = calls

    def batch_drafted(self, mean_entropy: float) -> EdcPrediction:
        self.calls.append(("edc drafted", mean_entropy))
        return super().batch_drafted(mean_entropy)

    def batch_verified(self, prediction: EdcPrediction, mean_entropy: float, fully_accepted: bool) -> None:
        self.calls.append(("edc verified", mean_entropy, fully_accepted))
        super().batch_verified(prediction, mean_entropy, fully_accepted)

    def flush(self) -> None:
        self.calls.append(("edc flush",))
        super().flush()
