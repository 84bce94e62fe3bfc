"""A causal language model of transformers together with its tokenizer."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError

from ahasd.decoding.backend import torch, transformers
from ahasd.decoding.models.acceptance_head import AcceptanceHead, load_head
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


def load_language_model(
    path: str | Path, name: str | None = None, device: str | None = None, dtype: str | None = None
) -> LanguageModel:
    """Load a model and its tokenizer from a folder.

    Unless told otherwise, the model runs on a CUDA device if there is one; on a CPU in float32, where batched
    and single steps agree on the argmax, on a CUDA device in the precision of its file.

    Parameters
    ----------
    path
        A folder as ``save_pretrained`` writes it: config.json, weights and tokenizer. The head of a draft lies
        there too, if it has one (`ahasd.decoding.models.acceptance_head`).
    name
        What to call the model; by default the name of the folder.
    device
        A device of torch ("cpu", "cuda:1").
    dtype
        Type of the weights ("float32", "bfloat16", or "auto" for that of the file).

    Raises
    ------
    AhasdError
        If there is no such folder, transformers cannot load a causal model and a tokenizer from it, or the
        acceptance head in it does not fit.
    """
    path = Path(path)
    if not path.is_dir():
        raise AhasdError(f"model {path}: {'not a folder' if path.exists() else _no_such_folder(path)}")
    for file, content in (
        ("config.json", "model of transformers"),
        ("tokenizer_config.json", "tokenizer"),
    ):
        if not (path / file).is_file():
            raise AhasdError(f"model {path}: holds no {content} ({file} is missing)")
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    dtype = dtype or ("float32" if device == "cpu" else "auto")
    try:
        with _without_progress_bars():
            tokenizer = transformers.AutoTokenizer.from_pretrained(path, local_files_only=True)
            model = transformers.AutoModelForCausalLM.from_pretrained(
                path, local_files_only=True, dtype=dtype
            )
    except (OSError, ValueError, KeyError, RuntimeError, ImportError, SafetensorError) as error:
        raise AhasdError(f"model {path}: transformers cannot load it ({error})") from error
    head = load_head(path, int(model.config.get_text_config().hidden_size))
    return LanguageModel(
        name or path.resolve().name,
        model.to(device).eval(),
        tokenizer,
        None if head is None else head.to(device),
    )


@contextmanager
def _without_progress_bars() -> Iterator[None]:
    """Keep the bars of transformers off stderr while a model loads, and leave the setting as it was."""
    logging = transformers.utils.logging
    if not logging.is_progress_bar_enabled():
        yield
        return
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.enable_progress_bar()


def _no_such_folder(path: Path) -> str:
    """Say that there is none, and of what looks like the id of a model hub how it becomes one."""
    if path.is_absolute() or len(path.parts) != 2 or path.parts[0] in (".", ".."):
        return "no such folder"
    return (
        f"no such folder. If that is a model of the Hugging Face hub, get it first and give the folder: "
        f"hf download {path.as_posix()} --local-dir {path.name}"
    )
