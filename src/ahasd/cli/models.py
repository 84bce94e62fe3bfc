"""What the commands that load models share."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ahasd.cli.show import show

if TYPE_CHECKING:
    from ahasd.decoding.models.language_model import LanguageModel


def quiet() -> None:
    """Keep the warnings of transformers about calls of its own off the terminal.

    Raises
    ------
    AhasdError
        torch or transformers are missing.
    """
    from ahasd.decoding.backend import transformers

    transformers.utils.logging.set_verbosity_error()


def announce(*models: Path | None) -> None:
    """Say on stderr how large ``.gguf`` files become, before they are dequantised.

    Raises
    ------
    AhasdError
        There is no such model, or its file is damaged.
    """
    from ahasd.decoding.models.find_model import find_model
    from ahasd.decoding.models.gguf_model import SUFFIX, dequantised_size

    for model in models:
        if model is not None and (found := find_model(model)).suffix == SUFFIX:
            show(f"{model}: {dequantised_size(found)}\n", err=True)


@dataclass(frozen=True, slots=True)
class Pair:
    """Loaded models; without a draft only the target."""

    target: "LanguageModel"
    draft: "LanguageModel | None"

    @property
    def names(self) -> str:
        """Draft and target, as reports call them."""
        return self.target.name if self.draft is None else f"{self.draft.name} → {self.target.name}"


def load_pair(
    target: Path | None,
    draft: Path | None,
    target_device: str | None,
    draft_device: str | None,
    dtype: str | None,
    threads: int | None = None,
    trust_remote_code: bool = False,
) -> Pair:
    """Load the models of a command, or the tiny pair, and have torch use so many threads (None leaves it to torch).

    Raises
    ------
    AhasdError
        If a model cannot be loaded, or the tokenizers differ.
    """
    from ahasd.errors import AhasdError

    if target is None and draft is not None:
        raise AhasdError("there is a draft and no target; give both, or neither for the tiny pair")
    if threads is not None and threads < 1:
        raise AhasdError(f"threads is {threads}; must be at least 1")
    quiet()
    from ahasd.decoding.backend import torch
    from ahasd.decoding.models.find_model import own_draft
    from ahasd.decoding.models.model_sources import check_same_tokens, take_model
    from ahasd.decoding.tiny_pair import load_tiny_pair

    if threads is not None:
        torch.set_num_threads(threads)
    announce(target, draft)
    own = own_draft(target)
    sources = load_tiny_pair() if target is None else (target, draft if own is None else draft or own.name)

    def take(source: Any, role: str, device: str | None) -> "LanguageModel":
        return take_model(source, role, device, dtype, trust_remote_code=trust_remote_code)

    loaded_target = take(sources[0], "target", target_device)
    loaded_draft = None if sources[1] is None else take(sources[1], "draft", draft_device)
    if loaded_draft is not None:
        check_same_tokens(loaded_target, loaded_draft)
    return Pair(loaded_target, loaded_draft)
