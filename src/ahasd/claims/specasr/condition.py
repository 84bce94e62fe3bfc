"""What SpecASR leaves open: GPU, what is counted, and the length of the draft that it is held against."""

from dataclasses import dataclass
from typing import Literal

from ahasd.claims.condition import Condition
from ahasd.claims.condition_axes import Change, same, saying


@dataclass(frozen=True, slots=True)
class SpecAsrCondition(Condition):
    """What is varied; the defaults are ours, but for the pair.

    Attributes
    ----------
    pair
        Whose costs.
    trace
        Whose agreement.
    counted
        Whether encoders are.
    system
        Which parts of SpecASR.
    length
        Tokens of the drafts of the speculative decoding that it is held against.
    hardware
        The machine.
    """

    pair: str = "tinyllama-1.1b:vicuna-13b"
    trace: str = "whisper-tiny.en-base-real"
    counted: Literal["end to end", "decoding"] = "end to end"
    system: str = "specasr"
    length: int = 8
    hardware: str = "a100-80gb"


PAIR_AXIS: tuple[Change[SpecAsrCondition], ...] = (
    same,
    saying("tiny.en and medium.en", SpecAsrCondition, pair="whisper-tiny.en:whisper-medium.en"),
    saying("tiny.en and base", SpecAsrCondition, pair="whisper-tiny.en:whisper-base"),
)
COUNTED_AXIS: tuple[Change[SpecAsrCondition], ...] = (
    same,
    saying("encoders not counted", SpecAsrCondition, counted="decoding"),
)
#: Where one tokenizer is shared, recycled tokens may be checked in masked passes and unsure ones branched.
AGREEMENT_AXIS: tuple[Change[SpecAsrCondition], ...] = (
    same,
    saying(
        "94 % alike in step, masked passes and trees",
        SpecAsrCondition,
        trace="synthetic-speech:agreement=0.944",
        system="specasr-tree",
    ),
)
#: Whose steps are counted: also those of a draft that is more often wrong.
DRAFT_AXIS: tuple[Change[SpecAsrCondition], ...] = (
    *AGREEMENT_AXIS,
    saying("the shipped draft behind base's encoder", SpecAsrCondition, trace="whisper-base-draft-real"),
)
LENGTH_AXIS: tuple[Change[SpecAsrCondition], ...] = (
    same,
    saying("held against drafts of 24", SpecAsrCondition, length=24),
)
