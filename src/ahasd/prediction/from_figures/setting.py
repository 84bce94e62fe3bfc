"""What a person can say of a run before it runs."""

from dataclasses import dataclass
from typing import Literal, get_args

from ahasd.hardware.measured.devices.known_device import KnownDevice
from ahasd.prediction.from_figures.head_figures import HeadFigures
from ahasd.prediction.from_figures.measured_pair import MeasuredPair
from ahasd.prediction.from_figures.model_figures import ModelFigures
from ahasd.prediction.from_figures.platforms import Platform

#: Ways to draft: another model; a head of one layer that the target brings (MTP) or that was trained for it (EAGLE);
#: a head that drafts a block in one pass (DFlash, DSpark); copying from the text; the target without some layers.
DraftMethod = Literal["draft-model", "mtp", "eagle", "dflash", "dspark", "ngram", "layer-skip"]
METHODS: tuple[DraftMethod, ...] = get_args(DraftMethod)


@dataclass(frozen=True, slots=True)
class Setting:
    """A device, models and a way to draft.

    Attributes
    ----------
    devices
        The variants that its name fits; several count as their mean, none as a typical one of the platform.
    peak_bandwidth
        Bytes per second where it was said; the known device's own goes first.
    processors, joint
        How many of it there are, and whether they share each layer (else one works after the other).
    platform
        Whose kernels run.
    usual_runtime
        Whether the program is one of which there are several sources.
    target, draft
        The draft only where it is a model of its own or its format is known.
    head
        A head of the target whose file was read; None where it is only supposed.
    method
        How tokens are drafted.
    acceptance
        Accepted tokens over drafted ones, as programs report it; None if not known.
    tokens_per_pass
        Emitted tokens over passes of the target; None if not known.
    draft_length
        Tokens that a round drafts at most; None if not said.
    sequences
        Decoded at once.
    memory
        Bytes of the device's own memory where known, for weights, caches and drafts.
    measured
        Times of the models on this device, which go before its figures; None if nothing was measured.
    """

    devices: tuple[KnownDevice, ...]
    platform: Platform
    target: ModelFigures
    method: DraftMethod
    draft: ModelFigures | None = None
    head: HeadFigures | None = None
    acceptance: float | None = None
    tokens_per_pass: float | None = None
    draft_length: float | None = None
    peak_bandwidth: float | None = None
    processors: int = 1
    joint: bool = False
    sequences: int = 1
    usual_runtime: bool = True
    memory: float | None = None
    measured: MeasuredPair | None = None
