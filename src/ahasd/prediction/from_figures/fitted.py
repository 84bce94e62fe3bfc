"""The figures that were fitted on the published record, with their meaning."""

from dataclasses import dataclass
from functools import cache
from importlib import resources

from ahasd.prediction.from_figures.platforms import Platform
from ahasd.yaml_text import read_yaml


@dataclass(frozen=True, slots=True)
class Fitted:
    """What no datasheet says; every figure is global, none belongs to a row.

    Attributes
    ----------
    row_slope
        By platform: what a further row adds in the vector kernel, in passes of one row, on a machine where the row's
        arithmetic at the cores' peak takes `REFERENCE_BALANCE` of a pass.
    byte_format_slope
        The same for formats of 8 bits on Metal, over that for k-quants: there is less to unpack.
    draft_step_s
        Per step of a draft model beyond its weights: launches, sampling, the way to the host and back.
    head_step_s
        The same for a head of one layer.
    head_share
        Time of a head's layer and output layer over that of as many bytes of the target.
    block_share
        A pass of a block drafter (DFlash, DSpark) in target passes, head and output layer apart.
    round_s
        Per round beyond passes: comparing, taking back what was rejected.
    expert_share
        Share of a mixture's pass that grows with the experts that its rows choose.
    expert_growth
        Experts that w rows choose together over those of one: w to this power.
    likeliest_token
        Highest chance of a drafted token that is believed; more acceptance than it allows at a draft length means
        that drafts stop early, by confidence.
    copy_share
        Share of rounds in which copying from the text finds something to draft.
    skip_share
        A draft step of the target without some layers, in target passes.
    state_copy_s
        Per round where a draft model of its own makes the program save and restore a recurrent state.
    """

    row_slope: dict[Platform, float]
    byte_format_slope: float
    draft_step_s: float
    head_step_s: float
    head_share: float
    block_share: float
    round_s: float
    expert_share: float
    expert_growth: float
    likeliest_token: float
    copy_share: float
    skip_share: float
    state_copy_s: float


@cache
def fitted() -> Fitted:
    """The figures that come with the package."""
    document = read_yaml(
        (resources.files("ahasd.prediction.from_figures") / "fitted.yaml").read_text(encoding="utf-8")
    )
    return Fitted(**document)
