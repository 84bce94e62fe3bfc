"""What caller and workers send each other through pipes: a few messages per request, none per drafted token."""

from dataclasses import dataclass
from typing import Literal

from ahasd.decoding.asynchronous.coverage import Coverage
from ahasd.decoding.asynchronous.limits import TextLimits
from ahasd.decoding.asynchronous.link.link import BoardSizes
from ahasd.decoding.models.paced_runner import ModelStep
from ahasd.decoding.request import GenerationRequest
from ahasd.speculation.control.edc.statistics import EdcStatistics
from ahasd.speculation.drafting.specification import AlgorithmSpec

Control = Literal["edc"]


@dataclass(frozen=True, slots=True)
class Begin:
    """Decode this (caller to both sides).

    Parameters
    ----------
    number
        Of the request, from 1 on; the caller gives a request up by publishing it.
    prompt, request, limits
        What to decode.
    vocabulary
        Of the target.
    memory, sizes
        Shared memory to work in.
    after_epoch
        The last epoch of the request before.
    algorithm, control, coverage
        When a batch ends, whether EDC governs drafting ahead, and what a verification covers.
    """

    number: int
    prompt: list[int]
    request: GenerationRequest
    limits: TextLimits
    vocabulary: int
    memory: str
    sizes: BoardSizes
    after_epoch: int
    algorithm: AlgorithmSpec
    control: Control | None
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class Ready:
    """The model is there (once)."""


@dataclass(frozen=True, slots=True)
class Prefilled:
    """The side has taken in the prompt."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The side cannot go on.

    Parameters
    ----------
    what
        What happened, with the place in the code.
    """

    what: str


@dataclass(frozen=True, slots=True)
class TargetFinished:
    """The target has done with a request, or given it up; the steps are its forwards."""

    steps: list[ModelStep]


@dataclass(frozen=True, slots=True)
class DraftFinished:
    """The draft has; further what became of its tokens, and the figures of EDC, if there is one."""

    steps: list[ModelStep]
    drafted: int
    flushed: int
    control: EdcStatistics | None
