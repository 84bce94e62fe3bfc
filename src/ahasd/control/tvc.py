"""Time-aware verification control (TVC): whether the PIM can pre-verify before the NPU is done."""

from collections import deque
from dataclasses import dataclass
from math import floor
from typing import Literal

from pydantic import BaseModel, ConfigDict, PositiveFloat, PositiveInt


class TimeAwareVerificationOptions(BaseModel):
    """Sizes and open points of TVC."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    samples: PositiveInt = 4
    """Entries of each table (paper, arXiv 2604.25326)."""
    latency_model: Literal["proportional"] = "proportional"
    """Cycles are a ratio times the length, a line through zero (paper). For a verification, whose time is
    mostly the streaming of weights, that mispredicts several-fold when the context length jumps."""


class OfflineProfile(BaseModel):
    """One measured sample of each kind, with which the tables start (paper).

    Cycles of the named device's own clock.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    npu_verification_cycles: PositiveFloat
    """NPU cycles of a verification of one token."""
    kv_length: PositiveInt
    """Context length of that verification, tokens."""
    pim_draft_cycles: PositiveFloat
    """PIM cycles of one drafted token."""
    pim_preverification_cycles: PositiveFloat
    """PIM cycles of one pre-verified token."""


@dataclass(slots=True)
class TvcStatistics:
    """What TVC was asked and what came of it.

    Attributes
    ----------
    consulted
        Times it was asked.
    inserted
        Times it answered with a pre-verification.
    tokens
        Tokens of those.
    useful
        Of the tokens, those whose verdict was committed.
    """

    consulted: int = 0
    inserted: int = 0
    tokens: int = 0
    useful: int = 0


class RatioTable:
    """The last few samples of cycles per unit of length.

    Parameters
    ----------
    samples
        How many are kept; the oldest goes first.
    cycles, length
        The profiled sample that the table starts with.
    """

    def __init__(self, samples: int, cycles: float, length: int) -> None:
        self._ratios: deque[float] = deque(maxlen=samples)
        self.add(cycles, length)

    def add(self, cycles: float, length: int) -> None:
        """Record a task of `cycles` and `length`; both must be positive (ValueError)."""
        if cycles <= 0 or length < 1:
            raise ValueError(f"a task of {length} tokens in {cycles} cycles is impossible")
        self._ratios.append(cycles / length)

    @property
    def mean(self) -> float:
        """Mean ratio, cycles per unit of length."""
        return sum(self._ratios) / len(self._ratios)

    def __len__(self) -> int:
        return len(self._ratios)


class TimeAwareVerificationControl:
    """Predicts in PIM cycles how long the NPU stays busy, and how many tokens the PIM can verify meanwhile.

    Life cycle: the devices report every finished task (``npu_verified``, ``drafted``, ``preverified``); when
    EDC says stop, the scheduler asks ``tokens_to_preverify``; when a verdict of a pre-verification commits,
    it reports ``committed``.

    Numbers of NPU cycles (arguments named ``npu_cycles``) are converted to PIM cycles by the ratio of the
    clocks before anything is compared.

    Parameters
    ----------
    options
        Sizes and open points.
    profile
        First entry of each table.
    npu_clock_hz, pim_clock_hz
        Clocks of the cycles that are reported.

    Attributes
    ----------
    npu_verifications, pim_drafts, pim_preverifications
        The tables NVCT, PDCT and PVCT, in PIM cycles per token of context (NVCT) or of draft.
    """

    def __init__(
        self,
        options: TimeAwareVerificationOptions,
        profile: OfflineProfile,
        npu_clock_hz: float,
        pim_clock_hz: float,
    ) -> None:
        if npu_clock_hz <= 0 or pim_clock_hz <= 0:
            raise ValueError(f"clocks must be positive, not {npu_clock_hz} and {pim_clock_hz} Hz")
        self.options = options
        self.statistics = TvcStatistics()
        self._pim_cycles_per_npu_cycle = pim_clock_hz / npu_clock_hz
        self.npu_verifications = RatioTable(
            options.samples, self.pim_cycles(profile.npu_verification_cycles), profile.kv_length
        )
        self.pim_drafts = RatioTable(options.samples, profile.pim_draft_cycles, 1)
        self.pim_preverifications = RatioTable(options.samples, profile.pim_preverification_cycles, 1)

    def pim_cycles(self, npu_cycles: float) -> float:
        """PIM cycles that take as long as these NPU cycles."""
        return npu_cycles * self._pim_cycles_per_npu_cycle

    def npu_verified(self, npu_cycles: float, kv_length: int) -> None:
        """Record a verification on the NPU: its NPU cycles and its context length in tokens."""
        self.npu_verifications.add(self.pim_cycles(npu_cycles), kv_length)

    def drafted(self, pim_cycles: float, length: int) -> None:
        """Record a draft batch on the PIM: its PIM cycles and its tokens."""
        self.pim_drafts.add(pim_cycles, length)

    def preverified(self, pim_cycles: float, length: int) -> None:
        """Record a pre-verification on the PIM: its PIM cycles and its tokens."""
        self.pim_preverifications.add(pim_cycles, length)

    def tokens_to_preverify(
        self, kv_length_running: int, elapsed_npu_cycles: float, unverified: int | None = None
    ) -> int:
        """How many of the earliest unverified tokens the PIM should verify now.

        C_left = C_NPU(i) − (C_now + C_draft(1)), n = ⌊C_left / mean(PVCT)⌋ (paper).

        Parameters
        ----------
        kv_length_running
            Context length of the verification that runs on the NPU, tokens.
        elapsed_npu_cycles
            NPU cycles that it has used so far (NCR).
        unverified
            How many tokens there are to pre-verify; None for no limit.

        Returns
        -------
        int
            n; 0 means keep drafting.
        """
        self.statistics.consulted += 1
        expected = self.npu_verifications.mean * kv_length_running
        left = expected - (self.pim_cycles(elapsed_npu_cycles) + self.pim_drafts.mean)
        tokens = max(floor(left / self.pim_preverifications.mean), 0)
        if unverified is not None:
            tokens = min(tokens, unverified)
        if tokens >= 1:
            self.statistics.inserted += 1
            self.statistics.tokens += tokens
        return tokens

    def committed(self, tokens: int) -> None:
        """Count pre-verified tokens whose verdict was committed as useful.

        Raises
        ------
        ValueError
            If more would be useful than were pre-verified.
        """
        if not 0 <= tokens <= self.statistics.tokens - self.statistics.useful:
            raise ValueError(f"{tokens} more useful tokens, but {self.statistics} so far")
        self.statistics.useful += tokens
