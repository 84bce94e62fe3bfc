"""The rollout trace: what a real draft model proposes at every position of what a real target wrote."""

from collections.abc import Sequence
from copy import copy
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ahasd.errors import AhasdError
from ahasd.traces.hashing import hash_of
from ahasd.traces.header import Mode, TraceHeader
from ahasd.traces.rollout.checks import check
from ahasd.traces.rollout.coins import draw_coins
from ahasd.traces.tensor_checks import keep_read_only

__all__ = ["Mode", "RolloutTrace", "TraceHeader"]


@dataclass(frozen=True, eq=False)
class RolloutTrace:
    """N positions of the target's text, and K draft steps from each, along the draft's own path.

    The arrays are copied and made read-only. Every trace is checked on construction; whether it may be
    *kept in a file* (16 ≤ K ≤ 24) is checked by `ahasd.traces.files`, so that small ones can be made by hand.

    Parameters
    ----------
    header
        Where the trace came from.
    entropy
        N×K float16: entropy of the draft distribution at step j, nats.
    draft_probability
        N×K float16: the draft's probability of the token it proposed.
    acceptance_probability
        N×K float16: min(1, p/q) of that token on that path; in a greedy trace 1 or 0.
    accepted
        N×K uint8: the coin that was drawn for step j, conditional on the path before it, also after a
        rejection.
    target_entropy
        N float16: entropy of the target at the position, nats.
    prompt_start
        P+1 int32: the first position of each prompt, and N.
    predicted_acceptance
        N×K float16 or None: output of a trained acceptance head (SpecDec++, arXiv 2405.19715).

    Raises
    ------
    AhasdError
        If a tensor breaks one of the rules; the message names the tensor, the row and the value.
    """

    header: TraceHeader
    entropy: npt.NDArray[np.float16]
    draft_probability: npt.NDArray[np.float16]
    acceptance_probability: npt.NDArray[np.float16]
    accepted: npt.NDArray[np.uint8]
    target_entropy: npt.NDArray[np.float16]
    prompt_start: npt.NDArray[np.int32]
    predicted_acceptance: npt.NDArray[np.float16] | None = None

    def __post_init__(self) -> None:
        keep_read_only(self, self.tensors())
        self.validate()

    def tensors(self) -> dict[str, npt.NDArray[Any]]:
        """Return the tensors by name, in the order of the format; an absent optional one is left out."""
        every: dict[str, npt.NDArray[Any] | None] = {
            "entropy": self.entropy,
            "draft_probability": self.draft_probability,
            "acceptance_probability": self.acceptance_probability,
            "accepted": self.accepted,
            "target_entropy": self.target_entropy,
            "prompt_start": self.prompt_start,
            "predicted_acceptance": self.predicted_acceptance,
        }
        return {name: tensor for name, tensor in every.items() if tensor is not None}

    def validate(self) -> None:
        """Check shapes, dtypes and ranges; raise `AhasdError` at the first value that breaks a rule."""
        check(self.tensors(), greedy=self.header.mode == "greedy")

    @property
    def positions(self) -> int:
        """Number N of positions of text."""
        return int(self.entropy.shape[0])

    @property
    def steps(self) -> int:
        """Number K of draft steps from each position."""
        return int(self.entropy.shape[1])

    @property
    def prompts(self) -> int:
        """Number P of prompts."""
        return len(self.prompt_start) - 1

    @property
    def mean_acceptance(self) -> float:
        """Mean acceptance probability of the first drafted token, over all positions.

        Step 0 alone, because only there is the path before the token certainly the target's own text.
        """
        return float(self.acceptance_probability[:, 0].mean(dtype=np.float64))

    @cached_property
    def sha256(self) -> str:
        """Hash of the header and the tensors, the same wherever and however the trace is stored."""
        return hash_of(asdict(self.header), self.tensors())

    def select_prompts(self, prompts: Sequence[int]) -> "RolloutTrace":
        """Return the trace of these prompts alone, in the order given."""
        spans = [(int(self.prompt_start[p]), int(self.prompt_start[p + 1])) for p in prompts]
        rows = np.concatenate([np.arange(start, end) for start, end in spans])
        ends = np.cumsum([0] + [end - start for start, end in spans]).astype(np.int32)
        chosen = {name: tensor[rows] for name, tensor in self.tensors().items() if name != "prompt_start"}
        return replace(self, prompt_start=ends, **chosen)

    def split_prompts(self, every: int = 4) -> tuple["RolloutTrace", "RolloutTrace"]:
        """Split off prompts for calibration.

        Parameters
        ----------
        every
            Prompts 0, every, 2·every, … are held out; at least 2.

        Returns
        -------
        held_out, rest
            For calibration and for evaluation; they share no prompt.

        Raises
        ------
        AhasdError
            With fewer than two prompts, or `every` below 2.
        """
        if every < 2:
            raise AhasdError(f"cannot hold out every {every} prompts: nothing would be left; use 2 or more")
        if self.prompts < 2:
            raise AhasdError(
                "the trace has a single prompt, so none can be held out for calibration; "
                "record one with two prompts or more, or give the thresholds yourself"
            )
        held_out = range(0, self.prompts, every)
        rest = [prompt for prompt in range(self.prompts) if prompt % every]
        return self.select_prompts(held_out), self.select_prompts(rest)

    def with_acceptance(self, level: float) -> "RolloutTrace":
        """Return the trace with every token accepted less or more often (ours; to find break-even).

        Parameters
        ----------
        level
            In [-1, 1]. Below 0 each acceptance probability p becomes p·(1 + level); above 0 it becomes
            1 − (1 − p)·(1 − level); 0 changes nothing. Acceptance never falls as the level rises.

        Returns
        -------
        RolloutTrace
            Recorded coins are thinned or filled up in proportion (draws of the header's seed). A greedy
            trace becomes a sampled one, at temperature 1, because its probabilities are no longer 0 or 1.

        Raises
        ------
        AhasdError
            If the level is outside [-1, 1].
        """
        if not -1 <= level <= 1:
            raise AhasdError(f"acceptance level is {level}; must be in [-1, 1]")
        if level == 0:
            return self
        share = level if level > 0 else 1 + level
        coins = draw_coins(np.broadcast_to(share, self.accepted.shape), self.header.seed, "shift")
        accepted = self.accepted.astype(bool)
        probability = self.acceptance_probability.astype(np.float64)
        if level < 0:
            accepted &= coins
            probability *= 1 + level
        else:
            accepted |= coins
            probability = 1 - (1 - probability) * (1 - level)
        header = replace(
            self.header,
            mode="sampled",
            temperature=self.header.temperature if self.header.mode == "sampled" else 1.0,
            notes="; ".join(filter(None, [self.header.notes, f"acceptance shifted by {level:+g}"])),
        )
        return self._with(header, probability.astype(np.float16), accepted.astype(np.uint8))

    def _with(
        self,
        header: TraceHeader,
        acceptance_probability: npt.NDArray[np.float16],
        accepted: npt.NDArray[np.uint8],
    ) -> "RolloutTrace":
        """The same trace but for these, which are known to be in range: nothing is copied or checked again."""
        acceptance_probability.flags.writeable = accepted.flags.writeable = False
        other = copy(self)
        vars(other).pop("sha256", None)  # of the trace as it was
        vars(other).update(header=header, acceptance_probability=acceptance_probability, accepted=accepted)
        return other
