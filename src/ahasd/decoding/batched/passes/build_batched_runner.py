"""The fastest runner over several rows that gives every row the logits that it has alone."""

from typing import TYPE_CHECKING, Any

from ahasd.decoding.backend import torch
from ahasd.decoding.batched.passes.batched_runner import BatchedRunner, RowTokens
from ahasd.decoding.batched.passes.lean_batched_runner import LeanBatchedRunner
from ahasd.decoding.batched.passes.transformers_batched_runner import TransformersBatchedRunner
from ahasd.decoding.models.build_runner import lean_weights
from ahasd.decoding.models.lean_runner import LeanRunner
from ahasd.decoding.models.rotary_switch import rotary_switch
from ahasd.decoding.models.runnable import AGREEMENT, checked_tokens
from ahasd.decoding.models.runner import ModelRunner
from ahasd.decoding.models.transformers_runner import TransformersRunner
from ahasd.errors import AhasdError

if TYPE_CHECKING:
    from ahasd.decoding.models.language_model import LanguageModel

ALONE = "decode its prompts one after another (batch size 1)"


def build_batched_runner(language_model: "LanguageModel") -> BatchedRunner:
    """Make a runner: the lean one if it can run the model, else the general one; tried on a few tokens of two rows.

    Raises
    ------
    AhasdError
        If the model cannot be run, or not over several rows; the message names the kind of model and the reason.
    """
    model = language_model.model
    name = f"model '{language_model.name}' ({model.config.model_type})"
    weights = lean_weights(language_model)
    if weights is not None:
        lean = LeanBatchedRunner(weights)
        if _difference(lean, LeanRunner(weights)) <= _agreement(lean):
            return lean
    if rotary_switch(model.config) is not None or _rotates_by_length(model.config):
        raise AhasdError(
            f"{name} rotates all rows of a pass by the longest text among them (positions that change with the "
            f"length), so that a text would be up to its neighbours; {ALONE}"
        )
    general = TransformersBatchedRunner(language_model)
    difference = _difference(general, TransformersRunner(language_model))
    if not difference <= _agreement(general):
        raise AhasdError(
            f"{name}: its logits of a row in a batch differ from those of the row alone by {difference:.2g} of the "
            f"largest (at most {_agreement(general):g} is rounding); {ALONE}"
        )
    general.start(1)
    return general


def _agreement(runner: BatchedRunner) -> float:
    return AGREEMENT[str(runner.dtype).removeprefix("torch.")]


def _rotates_by_length(config: Any) -> bool:
    parameters = getattr(config.get_text_config(), "rope_parameters", None) or {}
    sets = [parameters, *(value for value in parameters.values() if isinstance(value, dict))]
    return any(values.get("rope_type") == "dynamic" for values in sets)


def _difference(batched: BatchedRunner, alone: ModelRunner) -> float:
    """Give how far logits of two rows, cut and fed unequally, lie from those of each alone, of the largest."""
    tokens = checked_tokens(batched.vocabulary_size)
    texts = (tokens, [tokens[4], *tokens[:2], *tokens[3:]])
    batched.start(2)
    # Prompts of 4 and 1 tokens, then drafts of 1 and 3 of which the last are wrong.
    batched.forward([RowTokens(0, texts[0][:4], 1), RowTokens(1, texts[1][:1], 1)])
    batched.forward([RowTokens(0, [tokens[0]], 1), RowTokens(1, [*texts[1][1:3], tokens[0]], 1)])
    batched.cut(0, 4)
    batched.cut(1, 3)
    found = batched.forward(
        [RowTokens(row, text[batched.lengths[row] :], 1) for row, text in enumerate(texts)]
    )
    batched.select([1])
    batched.cut(0, 4)
    found = torch.cat([found, batched.forward([RowTokens(0, texts[1][4:], 1)])])
    expected = []
    for text in (*texts, texts[1]):
        alone.reset()
        expected.append(alone.forward(text, rows=1)[0].clone())
    wanted = torch.stack(expected)
    return float((found - wanted).abs().max() / wanted.abs().max().clamp_min(torch.finfo(wanted.dtype).tiny))
