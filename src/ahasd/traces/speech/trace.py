"""The speech trace: the target's transcripts, and what a draft proposes behind every prefix of them."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ahasd.errors import AhasdError
from ahasd.traces.hashing import hash_of
from ahasd.traces.speech.checks import check
from ahasd.traces.speech.header import SpeechHeader

__all__ = ["SpeechClip", "SpeechHeader", "SpeechTrace"]


@dataclass(frozen=True, slots=True, eq=False)
class SpeechClip:
    """One clip of a trace; see `SpeechTrace` for the arrays.

    Parameters
    ----------
    seconds
        Of sound.
    end_token
        The token that ends a text.
    """

    seconds: float
    end_token: int
    target: npt.NDArray[np.int32]
    draft: npt.NDArray[np.int32]
    probability: npt.NDArray[np.float16]
    runner_up: npt.NDArray[np.int32]
    steps: npt.NDArray[np.uint8]
    after_runner_up: npt.NDArray[np.int32] | None


@dataclass(frozen=True, eq=False)
class SpeechTrace:
    """C clips with N target tokens together, one clip behind the other; K draft steps from each.

    The arrays are copied and made read-only, and checked on construction.

    Parameters
    ----------
    header
        Where the trace came from.
    target
        N int32: the target's greedy transcripts, the end token included (a transcript that ran into the model's
        longest text has none); the prompt is not.
    clip_start
        C+1 int32: the first token of each clip, and N.
    milliseconds
        C int32: how long the sound of each clip is.
    draft
        N×K int32: what the draft writes, greedily and along its own path, when it has read the clip's prompt and the
        tokens before row i; -1 behind its end.
    probability
        N×K float16: the draft's of that token.
    runner_up
        N×K int32: its second choice there; -1 where unknown.
    steps
        N×K uint8: draft steps after which the token is known, counted from the row's start. j + 1 where the models
        share a tokenizer; tokens of one word that a re-tokenised draft completes at once have the same number.
    after_runner_up
        N×K int32 or None: what the draft writes behind the runner-up; -1 where nothing.

    Raises
    ------
    AhasdError
        If a tensor breaks one of the rules; the message names the tensor, the row and the value.
    """

    header: SpeechHeader
    target: npt.NDArray[np.int32]
    clip_start: npt.NDArray[np.int32]
    milliseconds: npt.NDArray[np.int32]
    draft: npt.NDArray[np.int32]
    probability: npt.NDArray[np.float16]
    runner_up: npt.NDArray[np.int32]
    steps: npt.NDArray[np.uint8]
    after_runner_up: npt.NDArray[np.int32] | None = None

    def __post_init__(self) -> None:
        for name, tensor in self.tensors().items():
            if not isinstance(tensor, np.ndarray):
                raise AhasdError(f"{name} is a {type(tensor).__name__}; must be a numpy array")
            kept = tensor.copy()  # in C order
            kept.flags.writeable = False
            object.__setattr__(self, name, kept)
        check(self.tensors(), self.header.end_token)

    def tensors(self) -> dict[str, npt.NDArray[Any]]:
        """Return the tensors by name, in the order of the format; an absent optional one is left out."""
        every: dict[str, npt.NDArray[Any] | None] = {
            "target": self.target,
            "clip_start": self.clip_start,
            "milliseconds": self.milliseconds,
            "draft": self.draft,
            "probability": self.probability,
            "runner_up": self.runner_up,
            "steps": self.steps,
            "after_runner_up": self.after_runner_up,
        }
        return {name: tensor for name, tensor in every.items() if tensor is not None}

    @property
    def clips(self) -> int:
        """Number C of clips."""
        return len(self.milliseconds)

    @property
    def length(self) -> int:
        """Number K of draft steps from each position."""
        return int(self.draft.shape[1])

    def __iter__(self) -> Iterator[SpeechClip]:
        """Give the clips."""
        for clip in range(self.clips):
            part = slice(int(self.clip_start[clip]), int(self.clip_start[clip + 1]))
            yield SpeechClip(
                float(self.milliseconds[clip]) / 1000,
                self.header.end_token,
                self.target[part],
                self.draft[part],
                self.probability[part],
                self.runner_up[part],
                self.steps[part],
                None if self.after_runner_up is None else self.after_runner_up[part],
            )

    @cached_property
    def sha256(self) -> str:
        """Hash of the header and the tensors, the same wherever and however the trace is stored."""
        return hash_of(asdict(self.header), self.tensors())
