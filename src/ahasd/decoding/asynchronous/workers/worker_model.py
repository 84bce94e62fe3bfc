"""A model on its way into a worker process, whose weights both processes share."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ahasd.decoding.asynchronous.workers.shared_pickle import SharedPickle
from ahasd.decoding.asynchronous.workers.weight_arena import move_into_arena
from ahasd.decoding.models.freed_memory import give_back_freed_memory
from ahasd.decoding.models.lean_runner import LeanRunner
from ahasd.decoding.models.llama_weights import LlamaWeights
from ahasd.decoding.models.paced_runner import PacedRunner
from ahasd.decoding.models.runner import ModelRunner

if TYPE_CHECKING:
    from ahasd.decoding.models.language_model import LanguageModel


@dataclass(frozen=True, slots=True)
class WorkerModel:
    """What a worker needs to run a model; the processes share its tensors.

    Parameters
    ----------
    shared
        Weights for the lean forward, or else the model itself; and the draft's acceptance head, if its algorithm
        reads it.
    least_seconds
        What a forward lasts at least (emulated latency).
    """

    shared: SharedPickle
    least_seconds: float

    @property
    def head(self) -> Any:
        """The acceptance head; None if there is none to read."""
        return self.shared.content[1]

    def runner(self) -> PacedRunner:
        """Make the model ready to run, in the worker."""
        model: LlamaWeights | LanguageModel = self.shared.content[0]
        if isinstance(model, LlamaWeights):
            runner: ModelRunner = LeanRunner(model)
        else:
            from ahasd.decoding.models.transformers_runner import TransformersRunner  # imports transformers

            runner = TransformersRunner(model)
        return PacedRunner(runner, self.least_seconds)


def worker_model(language_model: "LanguageModel", needs_head: bool, least_seconds: float) -> WorkerModel:
    """Take of a model what its worker needs: without transformers, where the lean forward does."""
    # Imports transformers, which the worker may do without.
    from ahasd.decoding.models.build_runner import lean_weights

    head = language_model.acceptance_head if needs_head else None
    model = language_model.model
    move_into_arena([*model.parameters(), *model.buffers()])
    # Workers see tokens only.
    content = lean_weights(language_model) or replace(language_model, tokenizer=None, acceptance_head=None)
    give_back_freed_memory()
    return WorkerModel(SharedPickle((content, head)), least_seconds)
