"""A model on its way into a worker process, whose weights both processes share."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ahasd.decoding.models.lean_runner import LeanRunner
from ahasd.decoding.models.llama_weights import LlamaWeights
from ahasd.decoding.models.paced_runner import PacedRunner
from ahasd.decoding.models.runner import ModelRunner

if TYPE_CHECKING:
    from ahasd.decoding.models.language_model import LanguageModel


@dataclass(frozen=True, slots=True)
class WorkerModel:
    """What a worker needs to run a model; torch.multiprocessing shares its tensors instead of copying them.

    Parameters
    ----------
    model
        Weights for the lean forward, or else the model itself.
    head
        The draft's acceptance head, if its algorithm reads it.
    least_seconds
        What a forward lasts at least (emulated latency).
    """

    model: "LlamaWeights | LanguageModel"
    head: Any
    least_seconds: float

    def runner(self) -> PacedRunner:
        """Make the model ready to run, in the worker."""
        if isinstance(self.model, LlamaWeights):
            runner: ModelRunner = LeanRunner(self.model)
        else:
            from ahasd.decoding.models.transformers_runner import TransformersRunner  # imports transformers

            runner = TransformersRunner(self.model)
        return PacedRunner(runner, self.least_seconds)


def worker_model(language_model: "LanguageModel", needs_head: bool, least_seconds: float) -> WorkerModel:
    """Take of a model what its worker needs: without transformers, where the lean forward does."""
    # Imports transformers, which the worker may do without.
    from ahasd.decoding.models.build_runner import lean_weights

    head = language_model.acceptance_head if needs_head else None
    weights = lean_weights(language_model)
    if weights is None:
        # Workers see tokens only.
        return WorkerModel(replace(language_model, tokenizer=None, acceptance_head=None), head, least_seconds)
    return WorkerModel(weights, head, least_seconds)
