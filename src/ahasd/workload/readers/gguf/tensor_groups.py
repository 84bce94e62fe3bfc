"""Which of a model's weights the tensors of a GGUF file are, by their names.

Names are those of llama.cpp (`TENSOR_NAMES` of its Python package `gguf`); groups are those of the graphs of this
package.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ahasd.workload.number_format import NumberFormat
from ahasd.workload.readers.gguf.header import Tensor
from ahasd.workload.stored_weights import FINE, OTHER, StoredGroup, stored_group

#: Groups of each tensor; one that several matrices were fused into is of several.
_GROUPS: dict[str, tuple[str, ...]] = {
    "token_embd": ("embedding",),
    "position_embd": ("position_embedding",),
    "output": ("lm_head",),
    "attn_q": ("query",),
    "attn_k": ("key",),
    "attn_v": ("value",),
    "attn_qkv": ("query", "key", "value"),
    "attn_output": ("attention_output",),
    "ffn_gate": ("gate",),
    "ffn_up": ("up",),
    "ffn_down": ("down",),
    "ffn_gate_inp": ("router",),
    "ffn_gate_exps": ("expert_gate",),
    "ffn_up_exps": ("expert_up",),
    "ffn_gate_up_exps": ("expert_gate", "expert_up"),
    "ffn_down_exps": ("expert_down",),
    "ffn_gate_inp_shexp": ("shared_weight",),
    "ffn_gate_shexp": ("shared_gate",),
    "ffn_up_shexp": ("shared_up",),
    "ffn_down_shexp": ("shared_down",),
}

#: What is stored beside the parameters: tables of rotary positions.
_TABLES = ("rope_freqs", "rope_factors_long", "rope_factors_short", "attn_rot_embd")

#: Biases that choose experts and weigh nothing; whether they count as parameters is a matter of taste.
_CHOOSING = "exp_probs_b"

_LAYER = re.compile(r"^blk\.(\d+)\.(.*)$")


@dataclass(frozen=True, slots=True)
class TensorGroups:
    """The tensors of a file, sorted.

    Attributes
    ----------
    groups
        The model's weights.
    elements
        Weights.
    choosing
        Of these, biases that only choose experts.
    tables, further
        Tensors that are none of the model's parameters: tables of positions, layers that predict further tokens.
    """

    groups: tuple[StoredGroup, ...]
    elements: int
    choosing: int
    tables: tuple[Tensor, ...]
    further: tuple[Tensor, ...]


def sort_tensors(tensors: Sequence[Tensor], layers: int, gated: bool) -> TensorGroups:
    """Sort the tensors of a file by what they are.

    Parameters
    ----------
    layers
        Of the model; those behind them predict further tokens.
    gated
        Whether the feed-forward layers have a gate, which lies in the same tensor as the up projection where it has
        none of its own (Phi-3).
    """
    tables, further, choosing = [], [], 0
    parts: defaultdict[str, list[tuple[int, NumberFormat]]] = defaultdict(list)
    own_gate = any(_own_name(tensor.name)[0] == "ffn_gate" for tensor in tensors)
    for tensor in tensors:
        base, number = _own_name(tensor.name)
        if base in _TABLES:
            tables.append(tensor)
        elif number is not None and number >= layers:
            further.append(tensor)
        else:
            choosing += tensor.elements if base == _CHOOSING else 0
            for group, elements in _shares(tensor, base, gated and not own_gate):
                parts[group].append((elements, tensor.kept))
    groups = tuple(stored_group(name, taken) for name, taken in sorted(parts.items()))
    return TensorGroups(
        groups, sum(group.elements for group in groups), choosing, tuple(tables), tuple(further)
    )


def unknown_tensors(tensors: Iterable[Tensor]) -> list[str]:
    """Names of matrices that no graph names apart, for messages."""
    found = [tensor.name for tensor in tensors if len(tensor.shape) > 1]
    return [
        name
        for name in found
        if _own_name(name)[0] not in (*_GROUPS, *_TABLES) and not name.endswith(".bias")
    ]


def _own_name(name: str) -> tuple[str, int | None]:
    """What a tensor is called within its layer, without ``.weight``, and the layer's number."""
    match = _LAYER.match(name)
    own = match[2] if match else name
    return own.removesuffix(".weight").removesuffix(".bias"), int(match[1]) if match else None


def _shares(tensor: Tensor, base: str, fused_gate: bool) -> list[tuple[str, int]]:
    """Groups of a tensor, and how many of its elements are each one's."""
    if len(tensor.shape) == 1 or tensor.name.endswith(".bias"):
        return [(FINE, tensor.elements)]
    names = ("gate", "up") if base == "ffn_up" and fused_gate else _GROUPS.get(base, (OTHER,))
    # Of a fused tensor every matrix has the same format, so any way to share its blocks keeps their sum.
    block = tensor.kept.block
    whole, rest = divmod(tensor.elements // block, len(names))
    return [(name, block * (whole + (rest if name == names[0] else 0))) for name in names]
