"""What a sparse run is asked to do, checked against the model."""

from dataclasses import dataclass

from ahasd.decoding.models.build_runner import lean_weights
from ahasd.decoding.models.language_model import LanguageModel
from ahasd.decoding.models.llama_weights import MODEL_TYPES, LlamaWeights
from ahasd.errors import AhasdError
from ahasd.sparse_attention.heads.split import HeadSplit
from ahasd.sparse_attention.pages.paging import Paging
from ahasd.sparse_attention.pages.selector import PageSelector, Sharing


@dataclass(frozen=True, slots=True)
class SparseSettings:
    """Which heads read what.

    Parameters
    ----------
    split
        The class of every key-value head.
    selector
        Chooses the pages of paged heads; its paging holds the window of streaming ones, too.
    sharing
        Whether the query heads that share keys and values read the same pages, or each its own.
    """

    split: HeadSplit
    selector: PageSelector
    sharing: Sharing = "shared"

    @property
    def paging(self) -> Paging:
        """Pages, budget and window."""
        return self.selector.paging

    def check_fits(self, weights: LlamaWeights) -> None:
        """See that the split is one of this model.

        Raises
        ------
        AhasdError
            It is another model's.
        """
        layers, heads = len(weights.layers), weights.key_value_heads
        if (self.split.layers, self.split.heads) != (layers, heads):
            raise AhasdError(
                f"the head split has {self.split.layers} layers of {self.split.heads} key-value heads, and "
                f"'{weights.name}' has {layers} of {heads}: it is another model's"
            )


def sparse_weights(model: LanguageModel) -> LlamaWeights:
    """Give the weights of a model that can attend sparsely, checked against transformers.

    Raises
    ------
    AhasdError
        The model is not Llama-shaped, or cannot be run at all.
    """
    weights = lean_weights(model)
    if weights is None:
        kind = getattr(model.model.config, "model_type", "unknown")
        raise AhasdError(
            f"model '{model.name}' ({kind}) is not Llama-shaped: sparse attention runs models of the types "
            f"{', '.join(sorted(MODEL_TYPES))} whose layers all attend to the whole text and are neither quantised "
            "nor adapted"
        )
    return weights


def check_room(weights: LlamaWeights, prompt: int, written: int) -> None:
    """See that a text fits into the context that a model was made for.

    Raises
    ------
    AhasdError
        It does not.
    """
    limit, needed = weights.context_limit, prompt + written
    if limit is not None and needed > limit:
        raise AhasdError(
            f"a prompt of {prompt} tokens and {written} more need a context of {needed}; '{weights.name}' was made "
            f"for {limit}: shorten the prompt or take fewer tokens"
        )
