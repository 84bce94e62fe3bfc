"""Draft and target must speak the same tokens."""

import hashlib
import json

from ahasd.decoding.models.language_model import LanguageModel
from ahasd.errors import AhasdError

NEEDED = "speculative decoding needs two models of one tokenizer"


def shared_vocabulary(target: LanguageModel, draft: LanguageModel) -> int:
    """Check that two tokenizers agree and give the number of logits that both models have.

    The sizes of the models' vocabularies may differ by padding (Qwen2.5-0.5B and 7B do), and one tokenizer
    may have further added tokens behind the last one of the other; all else must be equal.

    Raises
    ------
    AhasdError
        If a token has different ids, or one tokenizer has ordinary tokens that the other lacks.
    """
    of_target, of_draft = _by_id(target), _by_id(draft)
    common = min(max(of_target), max(of_draft)) + 1
    for token_id in range(common):
        ours, theirs = of_target.get(token_id), of_draft.get(token_id)
        if ours != theirs:
            raise AhasdError(
                f"tokenizers differ: token {token_id} is {ours!r} in target '{target.name}' and {theirs!r} "
                f"in draft '{draft.name}' ({len(of_target)} and {len(of_draft)} tokens); {NEEDED}"
            )
    for model, tokens in ((target, of_target), (draft, of_draft)):
        further = [token_id for token_id in tokens if token_id >= common]
        ordinary = [token_id for token_id in further if token_id not in model.tokenizer.added_tokens_decoder]
        if ordinary:
            raise AhasdError(
                f"tokenizers differ: '{model.name}' has {len(ordinary)} tokens from {ordinary[0]} on that "
                f"the other model lacks ({len(of_target)} in target, {len(of_draft)} in draft); {NEEDED}"
            )
    return min(target.vocabulary_size, draft.vocabulary_size)


def tokenizer_hash(model: LanguageModel) -> str:
    """Give the SHA-256 of a tokenizer's tokens and ids."""
    vocabulary = json.dumps(sorted(_by_id(model).items()))
    return hashlib.sha256(vocabulary.encode()).hexdigest()


def _by_id(model: LanguageModel) -> dict[int, str]:
    return {token_id: token for token, token_id in model.tokenizer.get_vocab().items()}
