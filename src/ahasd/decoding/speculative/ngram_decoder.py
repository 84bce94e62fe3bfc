"""Speculative decoding without a draft model."""

from collections.abc import Sequence
from typing import Any

from ahasd.decoding.models.paced_runner import ModelStep
from ahasd.decoding.models.runner import ModelRunner
from ahasd.decoding.request import GenerationRequest
from ahasd.decoding.rules.build_rule import build_rule
from ahasd.decoding.speculative.alternating import AlternatingDecoder
from ahasd.decoding.speculative.ngram_drafter import NgramDrafter
from ahasd.errors import AhasdError
from ahasd.speculation.drafting.specification import AlgorithmSpec

#: Tokens copied at once at most, as in prompt lookup of transformers.
DEFAULT_ALGORITHM = "fixed:10"


class NgramDecoder(AlternatingDecoder):
    """The target judges tokens that were copied from the text itself; see `NgramDrafter`.

    Parameters
    ----------
    target
        Its cache belongs to this decoder while a text is decoded.
    algorithm
        "fixed": how many tokens to copy at most.
    tokenizer
        Of the target, for stop strings; None if there is none.

    Raises
    ------
    AhasdError
        If the algorithm is another; the others go by a draft's probabilities.
    """

    method = "ngram"

    def __init__(self, target: ModelRunner, algorithm: AlgorithmSpec, tokenizer: Any = None) -> None:
        check_copying(algorithm)
        super().__init__(target, target, algorithm, tokenizer=tokenizer)

    def _model_steps(self) -> tuple[Sequence[ModelStep], Sequence[ModelStep]]:
        return (), self._target.steps

    def _drafter(self, request: GenerationRequest) -> NgramDrafter:
        return NgramDrafter(build_rule(request, self._target.vocabulary_size, "draft"))


def check_copying(algorithm: AlgorithmSpec) -> None:
    """Raise AhasdError if an algorithm cannot say how many tokens to copy."""
    if algorithm.name != "fixed":
        raise AhasdError(
            f"algorithm '{algorithm}' goes by the probabilities of a draft, and method 'ngram' copies without "
            f"any; take {DEFAULT_ALGORITHM}, or another number"
        )
