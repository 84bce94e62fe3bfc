"""The attention trace: the pages that each head chose in each step of a text."""

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ahasd.traces.attention.checks import check
from ahasd.traces.attention.header import AttentionHeader
from ahasd.traces.hashing import hash_of
from ahasd.traces.tensor_checks import keep_read_only

__all__ = ["AttentionHeader", "AttentionTrace"]


@dataclass(frozen=True, eq=False)
class AttentionTrace:
    """T decode steps of P prompts, one behind the other, in L layers of H key-value heads.

    The arrays are copied and made read-only, and checked on construction.

    Parameters
    ----------
    header
        Where the trace came from; holds page, budget and window.
    chosen
        T×L×S×K int32: numbers of the pages that were read besides those of the window, rising, -1 behind the last. S
        is H where the queries of a head share pages, else H times `queries`, those of a head side by side. Heads that
        choose none have -1 alone.
    context
        T int32: tokens attended to, the newest included; one more from step to step of a prompt.
    classes
        L×H uint8: 0 a head that reads everything, 1 one that chooses pages, 2 one that streams.
    prompt_start
        P+1 int32: the first step of each prompt, and T.

    Raises
    ------
    AhasdError
        If a tensor breaks one of the rules; the message names the tensor, the row and the value.
    """

    header: AttentionHeader
    chosen: npt.NDArray[np.int32]
    context: npt.NDArray[np.int32]
    classes: npt.NDArray[np.uint8]
    prompt_start: npt.NDArray[np.int32]

    def __post_init__(self) -> None:
        keep_read_only(self, self.tensors())
        check(self.tensors(), self.header)

    def tensors(self) -> dict[str, npt.NDArray[Any]]:
        """Return the tensors by name, in the order of the format."""
        return {
            "chosen": self.chosen,
            "context": self.context,
            "classes": self.classes,
            "prompt_start": self.prompt_start,
        }

    @property
    def steps(self) -> int:
        """Number T of steps."""
        return int(self.chosen.shape[0])

    @property
    def layers(self) -> int:
        """Number L of layers."""
        return int(self.classes.shape[0])

    @property
    def heads(self) -> int:
        """Number H of key-value heads of a layer."""
        return int(self.classes.shape[1])

    @property
    def shared(self) -> bool:
        """Whether queries that share keys and values share pages."""
        return bool(self.chosen.shape[2] == self.heads)

    def pages(self, step: int, layer: int, head: int) -> npt.NDArray[np.int64]:
        """Pages that any query of a key-value head chose in a step, rising, each once."""
        each = self.chosen.shape[2] // self.heads
        found = np.unique(self.chosen[step, layer, head * each : (head + 1) * each])
        return np.asarray(found[found >= 0], np.int64)

    @cached_property
    def sha256(self) -> str:
        """Hash of the header and the tensors, the same wherever and however the trace is stored."""
        return hash_of(asdict(self.header), self.tensors())
