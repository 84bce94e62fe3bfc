"""A model that runs over several texts in one pass, each with a cache of its own length."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

#: Rows of a batch at most: as far as passes, caches and the choice of drafting are measured. Ours.
MOST_ROWS = 16


@dataclass(frozen=True, slots=True)
class RowTokens:
    """What a row is fed in a pass.

    Parameters
    ----------
    row
        Place of the row, from 0.
    tokens
        At least one.
    wanted
        Logits are wanted behind the last so many of them; 0 for none.
    positions
        Of the tokens; None counts on from the cached ones.
    sees
        Which of these tokens each of them sees, boolean (tokens, tokens), itself included (a tree of drafts); None
        for those before it and itself. All cached tokens of the row are seen in any case.
    """

    row: int
    tokens: Sequence[int]
    wanted: int
    positions: Sequence[int] | None = None
    sees: Any = None


@dataclass(frozen=True, slots=True)
class Leaving:
    """Tokens that leave a pass on its way, which spares them the layers behind.

    Parameters
    ----------
    layer
        Layers that all tokens pass.
    stay
        Which go on: given a function from places among the tokens of the pass to the logits that this layer's states
        make there, (places, vocabulary), it gives the places that stay, ascending, at least one of each row.
    """

    layer: int
    stay: Callable[[Callable[[Sequence[int]], Any]], Sequence[int]]


class BatchedRunner(ABC):
    """A language model with a cache for every row; a row is a sequence of tokens that grows and is cut.

    Life cycle: ``start`` with a number of rows; ``forward`` some or all of them, ``cut`` or ``compact`` what was
    wrong in a row, ``select`` the rows that go on; ``start`` again.

    Rows never see one another. What a row's logits are is up to its own tokens, but for rounding.

    Attributes
    ----------
    name, vocabulary_size, context_limit, device, dtype, end_tokens
        As of `ahasd.decoding.models.runner.ModelRunner`.
    keep_states
        Set it to have `states` after every forward.
    keeps_all_states
        Set it to have `states` behind all tokens that a forward was fed, not only behind those with logits.
    lets_leave
        Whether tokens may leave a pass.
    stayed
        Places of the tokens that did not leave the last pass, if some could; None otherwise.
    states
        Last hidden states, behind the final norm, of the rows of logits that the last forward gave; None unless
        `keep_states`.
    """

    name: str
    vocabulary_size: int
    context_limit: int | None
    device: Any
    dtype: Any
    end_tokens: frozenset[int]
    keep_states: bool = False
    keeps_all_states: bool = False
    states: Any = None
    lets_leave: bool = False
    stayed: Sequence[int] | None = None

    @property
    @abstractmethod
    def lengths(self) -> tuple[int, ...]:
        """Cached tokens of every row."""

    @abstractmethod
    def start(self, rows: int) -> None:
        """Empty the cache and have so many rows, 1 to `MOST_ROWS`."""

    @abstractmethod
    def forward(self, fed: Sequence[RowTokens], leaving: Leaving | None = None) -> Any:
        """Append tokens to rows, in one pass.

        Parameters
        ----------
        fed
            At least one, each of another row, by ascending row; rows that are not named stay as they are.
        leaving
            Where some may leave (`lets_leave`): logits and states are then those of the tokens that stay, and all
            have to be wanted. The others keep their slots, which no later token may see.

        Returns
        -------
        torch.Tensor
            Wanted logits, row after row, float32 (sum of `RowTokens.wanted`, vocabulary); valid until the next
            forward.
        """

    @abstractmethod
    def cut(self, row: int, length: int) -> None:
        """Keep the first `length` cached tokens of a row (at most those there are)."""

    @abstractmethod
    def compact(self, row: int, start: int, kept: Sequence[int]) -> None:
        """Keep of a row's cached tokens from `start` on only some, moved together (the accepted path of a tree).

        Parameters
        ----------
        kept
            Offsets from `start`, ascending, each of a cached token.
        """

    @abstractmethod
    def select(self, rows: Sequence[int]) -> None:
        """Go on with some of the rows, ascending; they are counted anew from 0."""
