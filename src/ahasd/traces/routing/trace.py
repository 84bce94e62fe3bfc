"""The routing trace: the router's scores and choices of every token in every layer with experts."""

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ahasd.traces.hashing import hash_of
from ahasd.traces.routing.checks import check
from ahasd.traces.routing.header import RoutingHeader
from ahasd.traces.tensor_checks import keep_read_only

__all__ = ["RoutingHeader", "RoutingTrace"]


@dataclass(frozen=True, eq=False)
class RoutingTrace:
    """T tokens of P prompts, one behind the other, in L layers that have E experts each, of which a token takes k.

    The arrays are copied and made read-only, and checked on construction.

    Parameters
    ----------
    header
        Where the trace came from; holds E, and which layers of the model the L are.
    chosen
        T×L×k int16: the experts that the token took, the one with the highest score first. Where the runtime leaves
        some out (a gate that skips experts), the trace still holds what the router alone would take.
    prompt_start
        P+1 int32: the first token of each prompt, and T.
    continuation_start
        P int32: the first token of each prompt that the model wrote itself; before it lies what it was given (the
        prefix, computed in one pass). ``prompt_start[p] <= continuation_start[p] <= prompt_start[p + 1]``: a prompt
        may have no prefix, or no continuation.
    scores
        T×L×m float16 or None: what the router makes of its products, softmax or sigmoid, before the chosen are
        scaled to a sum of 1. Of all experts, m = E and ids is None; or of the m highest, m >= k, with `ids`.
    ids
        T×L×m int16 or None: whose scores they are.
    ahead
        T×L×D×k int16 or None: ``ahead[t, l, d - 1]`` is what the gate of row l + d chooses (the highest score first)
        when it is given what the gate of row l is given for this token, behind its own norm; d = 1 … D, D at most 3.
        -1 where there is no row l + d.

    Raises
    ------
    AhasdError
        If a tensor breaks one of the rules; the message names the tensor, the row and the value.
    """

    header: RoutingHeader
    chosen: npt.NDArray[np.int16]
    prompt_start: npt.NDArray[np.int32]
    continuation_start: npt.NDArray[np.int32]
    scores: npt.NDArray[np.float16] | None = None
    ids: npt.NDArray[np.int16] | None = None
    ahead: npt.NDArray[np.int16] | None = None

    def __post_init__(self) -> None:
        keep_read_only(self, self.tensors())
        check(self.tensors(), self.header.experts, len(self.header.layers))

    def tensors(self) -> dict[str, npt.NDArray[Any]]:
        """Return the tensors by name, in the order of the format; an absent optional one is left out."""
        every: dict[str, npt.NDArray[Any] | None] = {
            "chosen": self.chosen,
            "prompt_start": self.prompt_start,
            "continuation_start": self.continuation_start,
            "scores": self.scores,
            "ids": self.ids,
            "ahead": self.ahead,
        }
        return {name: tensor for name, tensor in every.items() if tensor is not None}

    @property
    def tokens(self) -> int:
        """Number T of tokens."""
        return int(self.chosen.shape[0])

    @property
    def layers(self) -> int:
        """Number L of layers with experts."""
        return int(self.chosen.shape[1])

    @property
    def experts(self) -> int:
        """Number E of experts of a layer."""
        return self.header.experts

    @property
    def top(self) -> int:
        """Number k of experts that a token takes."""
        return int(self.chosen.shape[2])

    @property
    def prompts(self) -> int:
        """Number P of prompts."""
        return len(self.continuation_start)

    @property
    def depth(self) -> int:
        """Number D of rows that gates look ahead; 0 where the trace does not say."""
        return 0 if self.ahead is None else int(self.ahead.shape[2])

    @cached_property
    def written(self) -> npt.NDArray[np.bool_]:
        """Whether each token is of a continuation."""
        mask = np.zeros(self.tokens, np.bool_)
        for start, end in zip(self.continuation_start, self.prompt_start[1:], strict=True):
            mask[start:end] = True
        return mask

    @cached_property
    def sha256(self) -> str:
        """Hash of the header and the tensors, the same wherever and however the trace is stored."""
        return hash_of(asdict(self.header), self.tensors())
