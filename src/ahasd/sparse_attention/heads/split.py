"""Which head reads how: the split that simulator and runtime share."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ahasd.errors import AhasdError
from ahasd.sparse_attention.heads.head_class import HeadClass
from ahasd.sparse_attention.heads.pattern import HeadPattern


@dataclass(frozen=True, eq=False)
class HeadSplit:
    """The class of every key-value head of a model.

    Life cycle: made once, from a pattern or all alike, then asked by simulator and runtime alike; it never changes.

    Parameters
    ----------
    classes
        L×H int8 of :class:`HeadClass`, made read-only.

    Raises
    ------
    AhasdError
        The table is empty or holds something else.
    """

    classes: npt.NDArray[np.int8]

    def __post_init__(self) -> None:
        kept = np.array(self.classes, np.int8)
        if kept.ndim != 2 or not kept.size:
            raise AhasdError(
                "a head split must have a row for each layer and a column for each key-value head"
            )
        if not np.isin(kept, list(HeadClass)).all():
            raise AhasdError("a head split holds a class that does not exist; see HeadClass")
        kept.flags.writeable = False
        object.__setattr__(self, "classes", kept)

    @classmethod
    def alike(cls, layers: int, heads: int, every: HeadClass) -> "HeadSplit":
        """All heads of one class."""
        return cls(np.full((layers, heads), every, np.int8))

    @classmethod
    def by_need(cls, pattern: HeadPattern, streaming: float, others: HeadClass) -> "HeadSplit":
        """Make the heads streaming that need the context least, and give all others one class.

        DuoAttention cuts at the quantile of its gates; a tie is broken there by noise, here by the order of layers
        and heads, so that the number of streaming heads is exact.

        Parameters
        ----------
        streaming
            Share of the heads that stream, in [0, 1].
        others
            Class of the rest.

        Raises
        ------
        AhasdError
            The share is outside [0, 1].
        """
        if not 0 <= streaming <= 1:
            raise AhasdError(f"share of streaming heads is {streaming:g}; must be in [0, 1]")
        flat = pattern.need.ravel()
        count = round(streaming * flat.size)
        classes = np.full(flat.size, others, np.int8)
        classes[np.argsort(flat, kind="stable")[:count]] = HeadClass.STREAMING
        return cls(classes.reshape(pattern.need.shape))

    @classmethod
    def even(cls, layers: int, heads: int, streaming: float, others: HeadClass) -> "HeadSplit":
        """Let the same share of heads stream in every layer: for models without a pattern (ours).

        Layers differ by one head where the share does not come out even.

        Raises
        ------
        AhasdError
            The share is outside [0, 1].
        """
        if not 0 <= streaming <= 1:
            raise AhasdError(f"share of streaming heads is {streaming:g}; must be in [0, 1]")
        classes = np.full((layers, heads), others, np.int8)
        counts = np.diff(np.round(np.arange(layers + 1) * heads * streaming).astype(np.int64))
        classes[np.arange(heads)[None, :] < counts[:, None]] = HeadClass.STREAMING
        return cls(classes)

    def with_dense_layers(self, first: int) -> "HeadSplit":
        """Let all heads of the first layers read everything, as Quest does in two.

        Raises
        ------
        AhasdError
            There are fewer layers.
        """
        if not 0 <= first <= self.layers:
            raise AhasdError(f"dense layers are {first}; must be between 0 and the model's {self.layers}")
        classes = self.classes.copy()
        classes[:first] = HeadClass.DENSE
        return HeadSplit(classes)

    @property
    def layers(self) -> int:
        """Number of layers."""
        return int(self.classes.shape[0])

    @property
    def heads(self) -> int:
        """Key-value heads of a layer."""
        return int(self.classes.shape[1])

    def share(self, of: HeadClass) -> float:
        """Share of all heads that have a class."""
        return float((self.classes == of).mean())

    def in_layers(self, of: HeadClass) -> npt.NDArray[np.int64]:
        """L: how many heads of each layer have a class."""
        return np.asarray((self.classes == of).sum(axis=1), np.int64)
