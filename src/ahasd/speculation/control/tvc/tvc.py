"""Time-aware verification control (TVC): whether the PIM can pre-verify before the NPU is done."""

from typing import Literal

from ahasd.speculation.control.tvc.fixed_point_table import FixedPointTable
from ahasd.speculation.control.tvc.latency_table import AffineTable, LatencyTable, ProportionalTable
from ahasd.speculation.control.tvc.options import LongerTasks, OfflineProfile, TimeAwareVerificationOptions
from ahasd.speculation.control.tvc.statistics import TvcStatistics

__all__ = [
    "LongerTasks",
    "OfflineProfile",
    "TimeAwareVerificationControl",
    "TimeAwareVerificationOptions",
    "TvcStatistics",
]


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
        First entries of each table.
    npu_clock_hz, pim_clock_hz
        Clocks of the cycles that are reported.

    Attributes
    ----------
    npu_verifications, pim_drafts, pim_preverifications
        The tables NVCT, PDCT and PVCT, in PIM cycles by tokens of context (NVCT) or of draft.
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
        if (
            options.arithmetic == "fixed"
            and not 1 <= self.clock_ratio_units < 1 << options.fixed_point.length_bits
        ):
            raise ValueError(
                f"a PIM clock {self._pim_cycles_per_npu_cycle:g} times the NPU's is no fraction of "
                f"{options.fixed_point.clock_ratio_bits} bits within {options.fixed_point.length_bits}"
            )
        self.npu_verifications = self._table("fixed")
        self.pim_drafts = self._table("per_token")
        self.pim_preverifications = self._table("per_token")
        self._add(profile, tokens=1)
        if profile.longer is not None and options.latency_model == "affine":
            self._add(profile.longer, profile.longer.tokens)

    def _table(self, single_length: Literal["fixed", "per_token"]) -> LatencyTable:
        if self.options.latency_model == "affine":
            return AffineTable(self.options.samples, single_length)
        if self.options.arithmetic == "fixed":
            return FixedPointTable(self.options.samples, self.options.fixed_point)
        return ProportionalTable(self.options.samples)

    def _add(self, profiled: OfflineProfile | LongerTasks, tokens: int) -> None:
        self.npu_verifications.add(self.pim_cycles(profiled.npu_verification_cycles), profiled.kv_length)
        self.drafted(profiled.pim_draft_cycles, tokens)
        self.preverified(profiled.pim_preverification_cycles, tokens)

    def pim_cycles(self, npu_cycles: float) -> float:
        """PIM cycles that take as long as these NPU cycles."""
        if self.options.arithmetic == "float":
            return npu_cycles * self._pim_cycles_per_npu_cycle
        words = self.options.fixed_point
        return min(int(npu_cycles), words.cycles_maximum) * self.clock_ratio_units >> words.clock_ratio_bits

    @property
    def clock_ratio_units(self) -> int:
        """PIM cycles in an NPU cycle as a fixed-point word, to the nearest."""
        return round(self._pim_cycles_per_npu_cycle * (1 << self.options.fixed_point.clock_ratio_bits))

    def npu_verified(self, npu_cycles: float, kv_length: int) -> None:
        """Record a verification on the NPU: its NPU cycles and its context length in tokens."""
        cycles = self.pim_cycles(npu_cycles)
        # The NPU runs one at a time, so the table is still what it was while this one ran.
        predicted = self.npu_verifications.predict(kv_length)
        self.npu_verifications.add(cycles, kv_length)
        self.statistics.met_verification(predicted, cycles)

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

        C_left = C_NPU(i) − (C_now + C_draft(1)); n is the longest pre-verification that fits into it, which
        is ⌊C_left / mean(PVCT)⌋ with proportional latencies (paper).

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
        expected = self.npu_verifications.predict(kv_length_running)
        left = expected - (self.pim_cycles(elapsed_npu_cycles) + self.pim_drafts.predict(1))
        tokens = self.pim_preverifications.longest(left)
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
