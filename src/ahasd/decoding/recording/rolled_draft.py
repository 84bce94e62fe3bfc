"""What the recorder needs of a draft: that it can be started at every position of a text."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Protocol

from ahasd.decoding.heads.one_layer_draft import OneLayerDraft
from ahasd.decoding.heads.one_layer_rollout import OneLayerRows, read_text
from ahasd.decoding.models.acceptance_head import AcceptanceHead
from ahasd.decoding.models.language_model import LanguageModel
from ahasd.decoding.models.prefix_cache import Rows, cache_of
from ahasd.decoding.models.runnable import check_runnable
from ahasd.decoding.models.shared_vocabulary import shared_vocabulary
from ahasd.decoding.recording.checkpoint import weights_digest


class DraftRows(Protocol):
    """Continuations of one text, each from another position."""

    def forward(self, tokens: Any) -> Any:
        """Append tokens (rows, new) and give the logits behind each, (rows, new, vocabulary)."""


class RolledDraft(ABC):
    """A draft, prepared once for a recording.

    For every text ``read`` is called once, and its result is given to ``rows`` for each batch of positions. The
    recorder then feeds the token before each position and what the draft proposes from there on.

    Attributes
    ----------
    name
        What the trace calls it.
    head
        Its acceptance head; None without. The rows of a draft with a head have ``forward_with_states``.
    said
        Type of its weights, for the notes.
    """

    name: str
    head: AcceptanceHead | None = None
    said: str

    def check(self) -> None:  # noqa: B027  # most drafts that could be read can be run
        """See that it can be run.

        Raises
        ------
        AhasdError
            It cannot.
        """

    @abstractmethod
    def vocabulary(self, target: LanguageModel) -> int:
        """Give the number of logits that both models have."""

    @abstractmethod
    def models(self) -> tuple[LanguageModel, ...]:
        """Give those whose context a text must fit into, beside the target."""

    @abstractmethod
    def read(self, target: LanguageModel, tokens: Sequence[int]) -> Any:
        """Read a text."""

    @abstractmethod
    def rows(self, read: Any, prefixes: Sequence[int]) -> Any:
        """Start behind so many tokens of it, once per row."""

    @abstractmethod
    def digest(self) -> str:
        """Give a hash of the weights."""


class ModelDraft(RolledDraft):
    """A language model of its own."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self.name, self.head, self.said = model.name, model.acceptance_head, str(model.model.dtype)

    def check(self) -> None:
        """See that it can be run."""
        check_runnable(self._model)

    def vocabulary(self, target: LanguageModel) -> int:
        """See that the tokenizers agree."""
        return shared_vocabulary(target, self._model)

    def models(self) -> tuple[LanguageModel, ...]:
        """Give the model."""
        return (self._model,)

    def read(self, target: LanguageModel, tokens: Sequence[int]) -> Any:
        """Fill its cache."""
        return cache_of(self._model, tokens)

    def rows(self, read: Any, prefixes: Sequence[int]) -> Rows:
        """Copy the cache for every row."""
        return Rows(self._model, read, prefixes)

    def digest(self) -> str:
        """Give a hash of the weights."""
        return weights_digest(self._model)


class StateDraft(RolledDraft):
    """A draft of one layer, which starts from the target's states at every position."""

    def __init__(self, draft: OneLayerDraft) -> None:
        self._draft = draft
        self.name, self.said = draft.name, str(draft.fused_in.dtype)

    def vocabulary(self, target: LanguageModel) -> int:
        """Give the target's, which it shares."""
        return target.vocabulary_size

    def models(self) -> tuple[LanguageModel, ...]:
        """Give none: its context is the target's."""
        return ()

    def read(self, target: LanguageModel, tokens: Sequence[int]) -> Any:
        """Let the target read, and the draft behind it."""
        return read_text(self._draft, target, tokens)

    def rows(self, read: Any, prefixes: Sequence[int]) -> OneLayerRows:
        """Start from the target's states."""
        return OneLayerRows(self._draft, read, prefixes)

    def digest(self) -> str:
        """Give a hash of the weights."""
        return self._draft.digest()
