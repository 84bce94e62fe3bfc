"""The fastest runner that gives a model's own logits."""

from typing import TYPE_CHECKING

from ahasd.decoding.backend import torch
from ahasd.decoding.models.lean_runner import LeanRunner
from ahasd.decoding.models.llama_weights import LlamaWeights, llama_weights
from ahasd.decoding.models.runnable import check_runnable, checked_tokens
from ahasd.decoding.models.runner import ModelRunner
from ahasd.decoding.models.transformers_runner import TransformersRunner

if TYPE_CHECKING:
    from ahasd.decoding.models.language_model import LanguageModel

#: Largest difference of two logits in units of the largest, by type; some hundred roundings. Ours.
AGREEMENT = {"float64": 1e-6, "float32": 1e-4, "float16": 2e-2, "bfloat16": 1e-1}


def build_runner(language_model: "LanguageModel") -> ModelRunner:
    """Make a runner: the lean one if it can run the model and agrees with transformers, else the general one.

    Raises
    ------
    AhasdError
        If the model cannot be run (`ahasd.decoding.models.runnable`).
    """
    weights = lean_weights(language_model)
    return TransformersRunner(language_model) if weights is None else LeanRunner(weights)


def lean_weights(language_model: "LanguageModel") -> LlamaWeights | None:
    """Give what a `LeanRunner` needs, checked against transformers; None if it does not do for this model.

    Raises
    ------
    AhasdError
        If the model cannot be run (`ahasd.decoding.models.runnable`).
    """
    weights = llama_weights(language_model)
    if weights is None:
        check_runnable(language_model)
        return None
    general, lean = TransformersRunner(language_model), LeanRunner(weights)
    tokens = checked_tokens(general.vocabulary_size)
    for runner in (general, lean):
        runner.forward(tokens)
        runner.roll_back(len(tokens) - 3)
    for part in (tokens[-3:-1], tokens[-1:]):
        expected, found = general.forward(part), lean.forward(part)
        tolerance = AGREEMENT.get(str(general.dtype).removeprefix("torch."), 0.0)
        if not torch.allclose(found, expected, rtol=0, atol=tolerance * float(expected.abs().max())):
            check_runnable(language_model)
            return None
    return weights
