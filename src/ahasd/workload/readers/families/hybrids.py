"""Layers of linear attention, or of state-space heads, in turn with attention: what their files spell alike."""

from collections.abc import Sequence

from ahasd.workload.blocks.experts import Experts
from ahasd.workload.layer_group import GroupMixer, LayerGroup
from ahasd.workload.readers.families.common import Values
from ahasd.workload.readers.families.layers import grouped_layers

#: How `transformers` names layers that keep a state, however a family's own files do.
LINEAR, FULL = "linear_attention", "full_attention"
#: What published files name them.
SPELLINGS = {"mamba": LINEAR, "attention": FULL, "recurrent": LINEAR, "conv": LINEAR}


def in_turn(
    values: Values,
    stateful: Sequence[bool],
    mixer: GroupMixer,
    name: str,
    attention: GroupMixer | None = None,
    experts: Experts | None = None,
    sparse: Sequence[bool] | None = None,
    window: int | None = None,
) -> Values:
    """Give some layers a mixer that keeps a state, and the others attention.

    Parameters
    ----------
    values
        Fields of a ModelSpec.
    stateful
        Which layers keep a state.
    mixer, name
        What they mix with, and what they are called.
    attention
        What the others mix with; by default the attention that the fields describe.
    experts, sparse
        A mixture of experts, and which layers have it (all by default).
    window
        Entries that a token of the attention that the fields describe attends to; None is all.
    """
    layers = values["layers"]
    has = sparse or [experts is not None] * layers
    groups = grouped_layers(
        LayerGroup(
            name=f"{name if keeps else 'attention'}_{'expert_' if with_experts else ''}layer",
            layers=1,
            sliding_window=None if keeps or attention is not None else window,
            mixer=mixer if keeps else attention,
            experts=experts if with_experts else None,
        )
        for keeps, with_experts in zip(stateful, has, strict=True)
    )
    return values | {"layer_groups": groups}


def only(values: Values, mixer: GroupMixer) -> Values:
    """Give all layers a mixer that keeps a state, and no feed-forward part."""
    group = LayerGroup(name="layer", layers=values["layers"], mixer=mixer, parts="mixer")
    return values | {"layer_groups": (group,)}
