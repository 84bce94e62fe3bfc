"""Models from wherever a user has them: folders, models of transformers, or the pair that comes with the package."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from ahasd.decoding.backend import torch, transformers
from ahasd.decoding.models.language_model import LanguageModel, load_language_model
from ahasd.decoding.models.runnable import AGREEMENT
from ahasd.decoding.models.shared_vocabulary import NEEDED, shared_vocabulary
from ahasd.errors import AhasdError

#: A `LanguageModel`, a folder, or a `PreTrainedModel` of transformers.
ModelSource = LanguageModel | str | Path | Any


def take_model(
    source: ModelSource,
    role: str,
    device: str | None = None,
    dtype: str | None = None,
    tokenizer: Any = None,
    trust_remote_code: bool = False,
) -> LanguageModel:
    """Make a model ready to run on a device.

    Parameters
    ----------
    source
        A model that is loaded already is moved to `device` itself, not copied.
    role
        "target" or "draft": what an unnamed model and messages call it.
    device, dtype
        See `load_language_model`; None leaves a loaded model as it is.
    tokenizer
        In place of the model's own; a `PreTrainedModel` has none.
    trust_remote_code
        See `load_language_model`.

    Raises
    ------
    AhasdError
        If there is no such model, device or type of weights.
    """
    _check(device, dtype)
    if isinstance(source, str | Path):
        model = load_language_model(source, device=device, dtype=dtype, trust_remote_code=trust_remote_code)
    elif isinstance(source, LanguageModel):
        model = source
    elif isinstance(source, transformers.PreTrainedModel):
        model = LanguageModel(role, source.eval(), None)
    else:
        raise AhasdError(
            f"the {role} is a {type(source).__name__}; give the folder of a model, a model of transformers, or "
            "a LanguageModel"
        )
    if device is not None or dtype not in (None, "auto"):
        options = {"device": device, "dtype": getattr(torch, dtype) if dtype not in (None, "auto") else None}
        options = {name: value for name, value in options.items() if value is not None}
        model = replace(model, model=model.model.to(**options))
    head = model.acceptance_head
    return replace(
        model,
        tokenizer=model.tokenizer if tokenizer is None else tokenizer,
        acceptance_head=None if head is None else head.to(model.model.device),
    )


def check_same_tokens(target: LanguageModel, draft: LanguageModel) -> None:
    """Check that both models mean the same by every token.

    Without tokenizers that can be told from the sizes of the vocabularies alone.

    Raises
    ------
    AhasdError
        If they differ; the message says in what.
    """
    if target.tokenizer is not None and draft.tokenizer is not None:
        shared_vocabulary(target, draft)
    elif target.vocabulary_size != draft.vocabulary_size:
        raise AhasdError(
            f"vocabularies differ: target '{target.name}' has {target.vocabulary_size} tokens, draft "
            f"'{draft.name}' {draft.vocabulary_size}, and there are no tokenizers to compare; {NEEDED}, so "
            "give tokenizer=... if they share one and one model only pads its vocabulary"
        )


def _check(device: str | None, dtype: str | None) -> None:
    if dtype not in (None, "auto") and not isinstance(getattr(torch, dtype, None), torch.dtype):
        raise AhasdError(f"dtype '{dtype}' is none of torch; take float32, bfloat16, float16 or auto")
    if dtype not in (None, "auto", *AGREEMENT):
        raise AhasdError(
            f"dtype '{dtype}' is none in which torch computes a model; take {', '.join(AGREEMENT)} or auto"
        )
    if device is None:
        return
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise AhasdError(
            f"device '{device}' cannot be used ({reason}); take cpu, or see torch.cuda"
        ) from error
