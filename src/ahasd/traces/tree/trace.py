"""The tree trace: what every head guessed at every point of a text, and what the text took."""

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ahasd.errors import AhasdError
from ahasd.traces.hashing import hash_of
from ahasd.traces.tree.checks import check
from ahasd.traces.tree.header import TreeHeader

__all__ = ["TreeHeader", "TreeTrace"]


@dataclass(frozen=True, eq=False)
class TreeTrace:
    """N points of P texts, one behind the other, at each of which H heads guess m candidates.

    At a point the text's last token, the *root*, is decided but has not passed through the model. Head h (from 1)
    guesses the token that comes h places behind it, from the hidden state before the root (Medusa) or from what else
    the text shows. The arrays are copied and made read-only, and checked on construction.

    Parameters
    ----------
    header
        Where the trace came from.
    candidates
        N×H×m int32: each head's likeliest tokens, the likeliest first; different ones.
    probability
        N×H×m float16: what the head says of each, falling.
    taken
        N×H int32: the text's own next H tokens behind the root; -1 where it ends before. Within a text
        ``taken[i, h + 1] == taken[i + 1, h]``.
    prompt_start
        P+1 int32: the first point of each text, and N.
    early
        N×E×k int32 or None: the likeliest tokens *directly* behind the root by each early layer of the header, the
        likeliest first.

    Raises
    ------
    AhasdError
        If a tensor breaks one of the rules; the message names the tensor, the row and the value.
    """

    header: TreeHeader
    candidates: npt.NDArray[np.int32]
    probability: npt.NDArray[np.float16]
    taken: npt.NDArray[np.int32]
    prompt_start: npt.NDArray[np.int32]
    early: npt.NDArray[np.int32] | None = None

    def __post_init__(self) -> None:
        for name, tensor in self.tensors().items():
            if not isinstance(tensor, np.ndarray):
                raise AhasdError(f"{name} is a {type(tensor).__name__}; must be a numpy array")
            kept = tensor.copy()  # in C order
            kept.flags.writeable = False
            object.__setattr__(self, name, kept)
        check(self.tensors(), len(self.header.early_layers))

    def tensors(self) -> dict[str, npt.NDArray[Any]]:
        """Return the tensors by name, in the order of the format; an absent optional one is left out."""
        every: dict[str, npt.NDArray[Any] | None] = {
            "candidates": self.candidates,
            "probability": self.probability,
            "taken": self.taken,
            "prompt_start": self.prompt_start,
            "early": self.early,
        }
        return {name: tensor for name, tensor in every.items() if tensor is not None}

    @property
    def positions(self) -> int:
        """Number N of points."""
        return int(self.candidates.shape[0])

    @property
    def heads(self) -> int:
        """Number H of heads."""
        return int(self.candidates.shape[1])

    @property
    def top(self) -> int:
        """Number m of candidates of a head."""
        return int(self.candidates.shape[2])

    @property
    def prompts(self) -> int:
        """Number P of texts."""
        return len(self.prompt_start) - 1

    @property
    def early_top(self) -> int:
        """Number k of tokens that an early layer keeps at most; 0 where none was recorded."""
        return 0 if self.early is None else int(self.early.shape[2])

    @cached_property
    def true_rank(self) -> npt.NDArray[np.int16]:
        """N×H: the rank of the truth among each head's candidates; -1 where none is right, -2 where there is none."""
        right = self.candidates == self.taken[:, :, None]
        found = np.where(right.any(axis=2), right.argmax(axis=2), -1)
        return np.where(self.taken < 0, -2, found).astype(np.int16)

    @cached_property
    def sha256(self) -> str:
        """Hash of the header and the tensors, the same wherever and however the trace is stored."""
        return hash_of(asdict(self.header), self.tensors())

    def select_prompt(self, prompt: int) -> "TreeTrace":
        """Return the trace of one of the texts."""
        starts = self.prompt_start
        return self._texts(prompt, prompt + 1, int(starts[prompt]), int(starts[prompt + 1]))

    def split_prompts(self, share: float = 0.25) -> tuple["TreeTrace", "TreeTrace"]:
        """Return the first share of the texts, to calibrate on, and the others, to replay.

        Raises
        ------
        AhasdError
            There is a single text.
        """
        if self.prompts < 2:
            raise AhasdError("a tree trace of a single text cannot spare one to calibrate on")
        first = max(1, round(self.prompts * share))
        at = int(self.prompt_start[first])
        return self._texts(0, first, 0, at), self._texts(first, self.prompts, at, self.positions)

    def _texts(self, first: int, last: int, start: int, end: int) -> "TreeTrace":
        return TreeTrace(
            self.header,
            self.candidates[start:end],
            self.probability[start:end],
            self.taken[start:end],
            self.prompt_start[first : last + 1] - np.int32(start),
            None if self.early is None else self.early[start:end],
        )
