"""A causal language model of transformers together with its tokenizer."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.models.acceptance_head import AcceptanceHead, load_head
from ahasd.decoding.models.find_model import find_model, name_of
from ahasd.decoding.models.freed_memory import give_back_freed_memory
from ahasd.decoding.models.llama_weights import is_llama
from ahasd.decoding.models.matrix_layout import lay_out_layers
from ahasd.decoding.models.model_folder import naming
from ahasd.decoding.models.read_model import read_model
from ahasd.errors import AhasdError


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """A causal language model that is ready to run.

    Parameters
    ----------
    name
        What traces and reports call it.
    model
        A causal model of transformers (`PreTrainedModel` with a language-model head), in evaluation mode.
    tokenizer
        Its tokenizer (`PreTrainedTokenizerBase`); None if only token ids go in and out.
    acceptance_head
        Predicts, of a draft, which of its tokens the target accepts; None for most models.
    """

    name: str
    model: Any
    tokenizer: Any
    acceptance_head: AcceptanceHead | None = None

    @property
    def vocabulary_size(self) -> int:
        """Number of logits, padding included."""
        return int(self.model.config.get_text_config().vocab_size)

    @property
    def context_limit(self) -> int | None:
        """Number of positions the model was made for, where its configuration says so."""
        limit = getattr(self.model.config.get_text_config(), "max_position_embeddings", None)
        return None if limit is None else int(limit)

    @property
    def end_tokens(self) -> frozenset[int]:
        """The tokens that end a text."""
        end = self.model.generation_config.eos_token_id if self.model.can_generate() else None
        if end is None and self.tokenizer is not None:
            end = self.tokenizer.eos_token_id
        return frozenset([] if end is None else [end] if isinstance(end, int) else end)

    @property
    def pad_token(self) -> int | None:
        """The token that prompts are padded with, if there is one."""
        for source in (getattr(self.model, "generation_config", None), self.tokenizer):
            padding = getattr(source, "pad_token_id", None)
            if padding is not None:
                return int(padding)
        return None

    def check(self) -> None:
        """See that what the configuration says can be meant.

        Raises
        ------
        AhasdError
            It cannot.
        """
        limit, size = self.context_limit, self.vocabulary_size
        if limit is not None and limit < 1:
            raise AhasdError(f"model '{self.name}': max_position_embeddings is {limit}; must be at least 1")
        for token in self.end_tokens:
            if not isinstance(token, int) or not 0 <= token < size:
                raise AhasdError(
                    f"model '{self.name}': eos_token_id is {token!r}; must be a token, 0 to {size - 1}"
                )


def load_language_model(
    path: str | Path,
    name: str | None = None,
    device: str | None = None,
    dtype: str | None = None,
    trust_remote_code: bool = False,
) -> LanguageModel:
    """Load a model and its tokenizer from a folder, a ``.gguf`` file, a package or the local cache of a hub.

    Unless told otherwise, the model runs on a CUDA device if there is one; on a CPU in float32, where batched
    and single steps agree on the argmax, on a CUDA device in the precision of its file.

    Parameters
    ----------
    path
        A folder as ``save_pretrained`` writes it: config.json, weights and tokenizer. The head of a draft lies
        there too, if it has one (`ahasd.decoding.models.acceptance_head`). Or a ``.gguf`` file
        (`ahasd.decoding.models.gguf_model`), a name or the id of a hub (`ahasd.decoding.models.find_model`).
    name
        What to call the model; by default that of the folder or file, or the one that was given.
    device
        A device of torch ("cpu", "cuda:1").
    dtype
        Type of the weights ("float32", "bfloat16", or "auto" for that of the file).
    trust_remote_code
        Whether code that lies in the folder (``auto_map`` of its config.json) may run, with all rights of the user.

    Raises
    ------
    AhasdError
        If there is no such model, transformers cannot load a causal model and a tokenizer from it, it needs code
        of its own and must not run it, a weight is missing or not finite, its logits are not numbers, or the
        acceptance head in it does not fit.
    """
    given, path = Path(path), find_model(path)
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    dtype = dtype or ("float32" if device == "cpu" else "auto")
    model, tokenizer = read_model(path, device, dtype, trust_remote_code)
    if is_llama(model, model.config):
        lay_out_layers(model)
    head = load_head(path, int(model.config.get_text_config().hidden_size))
    loaded = LanguageModel(
        name or name_of(given, path), model, tokenizer, None if head is None else head.to(device)
    )
    with naming(f"model {path}: its configuration makes no sense"):
        loaded.check()
    give_back_freed_memory()
    return loaded
