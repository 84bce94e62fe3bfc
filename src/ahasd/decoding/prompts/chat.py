"""From what a user says to the tokens that a chat model expects."""

from collections.abc import Sequence

from ahasd.decoding.models.language_model import LanguageModel
from ahasd.decoding.models.model_folder import naming
from ahasd.errors import AhasdError


def has_chat_template(model: LanguageModel) -> bool:
    """Whether the model's tokenizer knows how to lay out a conversation."""
    return getattr(model.tokenizer, "chat_template", None) is not None


def chat_tokens(model: LanguageModel, said: str, *further: str) -> list[int]:
    """Put messages into the chat template of a model, up to where its next answer begins.

    Parameters
    ----------
    said
        By the user, first.
    further
        Answer and next message by turns; a message comes last.

    Raises
    ------
    AhasdError
        If the model has no template, or it cannot be filled in.
    """
    tokenizer = model.tokenizer
    if not has_chat_template(model):
        raise AhasdError(
            f"model '{model.name}' has no chat template (chat_template in tokenizer_config.json, or "
            "chat_template.jinja); leave out --chat, or take an instruction-tuned model"
        )
    with naming(f"model '{model.name}': its chat template cannot be filled in"):
        tokens = tokenizer.apply_chat_template(
            _messages([said, *further]), add_generation_prompt=True, tokenize=True, return_dict=False
        )
        return [int(token) for token in tokens]


def _messages(texts: Sequence[str]) -> list[dict[str, str]]:
    roles = ("user", "assistant")
    return [{"role": roles[place % 2], "content": text} for place, text in enumerate(texts)]
