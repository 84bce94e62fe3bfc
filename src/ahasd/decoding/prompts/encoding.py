"""From a prompt to tokens that fit into the context of both models."""

from collections.abc import Sequence

from ahasd.decoding.models.language_model import LanguageModel
from ahasd.decoding.models.rotary_switch import rotary_switch
from ahasd.decoding.prompts.prompt_files import Prompt
from ahasd.decoding.recording.settings import RecordSettings
from ahasd.errors import AhasdError


def encode(
    prompt: Prompt,
    number: int,
    models: Sequence[LanguageModel],
    settings: RecordSettings,
    *,
    drafts: bool = True,
) -> list[int]:
    """Encode a prompt and check that every model has room for it and for what follows.

    Parameters
    ----------
    number
        Place of the prompt in its file, counted from 1, for the message of an error.
    models
        Their tokenizers agree.
    drafts
        Whether draft steps need room behind the text.

    Raises
    ------
    AhasdError
        If the prompt has no tokens, or prompt, continuation and draft steps exceed a model's context, or pass the
        length at which its rotary positions change.
    """
    tokens: list[int] = list(models[0].tokenizer(prompt.text, verbose=False)["input_ids"])
    name = f"prompt {number} (question {prompt.question_id})"
    if not tokens:
        raise AhasdError(f"{name} has no tokens")
    needed = len(tokens) + settings.tokens_per_prompt + (settings.steps if drafts else 0)
    behind = f" + {settings.steps} draft steps" if drafts else ""
    for model in models:
        if model.context_limit is not None and needed > model.context_limit:
            raise AhasdError(
                f"{name} needs a context of {needed}: {len(tokens)} of the prompt + "
                f"{settings.tokens_per_prompt} of the continuation{behind}; "
                f"'{model.name}' has {model.context_limit}. "
                "Shorten the prompt or take fewer tokens per prompt."
            )
        switch = rotary_switch(model.model.config)
        if switch is not None and len(tokens) <= switch.length < needed:
            raise AhasdError(
                f"{name} passes {switch.length} tokens with its continuation, where the rotations of '{model.name}' "
                "change (LongRoPE), so that rollouts on both sides cannot share a cache; take fewer tokens per "
                "prompt, or a longer prompt"
            )
    return tokens
