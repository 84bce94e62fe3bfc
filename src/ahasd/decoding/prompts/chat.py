"""From what a user says to the tokens that a chat model expects."""

from ahasd.decoding.models.language_model import LanguageModel
from ahasd.decoding.models.model_folder import naming
from ahasd.errors import AhasdError


def chat_tokens(model: LanguageModel, said: str) -> list[int]:
    """Put one message of a user into the chat template of a model, up to where its answer begins.

    Raises
    ------
    AhasdError
        If the model has no template, or it cannot be filled in.
    """
    tokenizer = model.tokenizer
    if getattr(tokenizer, "chat_template", None) is None:
        raise AhasdError(
            f"model '{model.name}' has no chat template (chat_template in tokenizer_config.json, or "
            "chat_template.jinja); leave out --chat, or take an instruction-tuned model"
        )
    with naming(f"model '{model.name}': its chat template cannot be filled in"):
        tokens = tokenizer.apply_chat_template(
            [{"role": "user", "content": said}], add_generation_prompt=True, tokenize=True, return_dict=False
        )
        return [int(token) for token in tokens]
