"""Which bytes of which file make up an expert."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ahasd.decoding.experts.routed_layers import RoutedLayer
from ahasd.decoding.experts.tensor_index import SIZES, StoredTensor
from ahasd.errors import AhasdError

#: A tensor of one expert: Mixtral's names, then those of Qwen-MoE, OLMoE and DeepSeek.
_SINGLE = re.compile(r"\blayers\.(\d+)\.(?:\w+\.)*experts\.(\d+)\.(\w+)\.weight$")
_PARTS = {"w1": "gate", "gate_proj": "gate", "w3": "up", "up_proj": "up", "w2": "down", "down_proj": "down"}

#: A stack of all experts: gpt-oss, and the names of GraniteMoE.
_STACK = re.compile(
    r"\blayers\.(\d+)\.(?:\w+\.)*"
    r"(gate_up_proj|gate_up_proj_bias|down_proj|down_proj_bias|input_linear\.weight|output_linear\.weight)$"
)
_STACKED = {"input_linear.weight": "gate_up_proj", "output_linear.weight": "down_proj"}


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of a file that are consecutive numbers of an expert.

    Parameters
    ----------
    path
        The file.
    start, stop
        Bytes of the file.
    at
        Where their first number lies among the numbers of the expert.
    """

    path: Path
    start: int
    stop: int
    at: int


@dataclass(frozen=True, slots=True)
class ExpertPlaces:
    """All experts of a model.

    Parameters
    ----------
    shapes
        Of an expert's weights, by the name of the stack that holds them in transformers; an expert's numbers are
        theirs, one behind the other, in this order.
    dtype
        Of all of them in the files, as safetensors calls it.
    pieces
        ``pieces[row][expert]``: what makes up an expert; row counts the layers that have experts.
    """

    shapes: Mapping[str, tuple[int, ...]]
    dtype: str
    pieces: Sequence[Sequence[tuple[Piece, ...]]]

    @property
    def numbers(self) -> int:
        """Weights of an expert."""
        return sum(math.prod(shape) for shape in self.shapes.values())

    @property
    def stored_bytes(self) -> int:
        """Bytes of an expert in the files."""
        return self.numbers * SIZES[self.dtype]


def expert_places(
    name: str, layers: Sequence[RoutedLayer], tensors: Mapping[str, StoredTensor]
) -> ExpertPlaces:
    """Find the experts of a model among the tensors of its folder.

    Parameters
    ----------
    name
        What messages call the model.
    layers
        With the modules that hold the stacks, if only their shapes (on the meta device).
    tensors
        From `stored_tensors`.

    Raises
    ------
    AhasdError
        Experts are missing, or stored in a way that is not understood.
    """
    shapes = {key: tuple(weight.shape[1:]) for key, weight in layers[0].experts.named_parameters()}
    starts, position = {}, 0
    for key, shape in shapes.items():
        starts[key] = position
        position += math.prod(shape)
    rows = {layer.layer: row for row, layer in enumerate(layers)}
    pieces: list[list[list[Piece]]] = [[[] for _ in range(layer.count)] for layer in layers]
    dtypes = set()
    for key, tensor in tensors.items():
        if single := _SINGLE.search(key):
            layer, expert, part = int(single[1]), int(single[2]), _PARTS.get(single[3])
            if layer not in rows or expert >= len(pieces[rows[layer]]) or part is None:
                raise AhasdError(f"model '{name}': {key} belongs to no expert that its config.json counts")
            at = _start_in_expert(name, layers[0], part, shapes, starts, key, tensor)
            pieces[rows[layer]][expert].append(Piece(tensor.path, tensor.start, tensor.stop, at))
        elif (stack := _STACK.search(key)) and int(stack[1]) in rows and len(tensor.shape) > 1:
            weight = _STACKED.get(stack[2], stack[2])
            row = rows[int(stack[1])]
            if tensor.shape[0] != len(pieces[row]) or shapes.get(weight) != tensor.shape[1:]:
                continue  # a dense layer beside the experts has such names, too
            size = (tensor.stop - tensor.start) // tensor.shape[0]
            for expert, found in enumerate(pieces[row]):
                begin = tensor.start + expert * size
                found.append(Piece(tensor.path, begin, begin + size, starts[weight]))
        else:
            continue
        dtypes.add(tensor.dtype)
    _check(name, layers, pieces, dtypes, position)
    ordered = [[tuple(sorted(expert, key=lambda piece: piece.at)) for expert in row] for row in pieces]
    return ExpertPlaces(shapes, dtypes.pop(), ordered)


def _start_in_expert(
    name: str,
    layer: RoutedLayer,
    part: str,
    shapes: Mapping[str, tuple[int, ...]],
    starts: Mapping[str, int],
    key: str,
    tensor: StoredTensor,
) -> int:
    """Where a single matrix begins: gate above up in one stack, each (inner, width), and down (width, inner)."""
    layout = shapes.get("gate_up_proj"), shapes.get("down_proj")
    plain = getattr(layer.experts, "is_concatenated", True) and not getattr(
        layer.experts, "is_transposed", False
    )
    if None in layout or not plain:
        raise AhasdError(f"model '{name}': {key}: experts of this layout are not supported one by one")
    (both, width), down = shapes["gate_up_proj"], shapes["down_proj"]
    expected = down if part == "down" else (both // 2, width)
    if tensor.shape != expected:
        raise AhasdError(f"model '{name}': {key} has shape {tensor.shape}; must be {expected}")
    if part == "down":
        return starts["down_proj"]
    return starts["gate_up_proj"] + (both // 2 * width if part == "up" else 0)


def _check(
    name: str,
    layers: Sequence[RoutedLayer],
    pieces: Sequence[Sequence[Sequence[Piece]]],
    dtypes: set[str],
    numbers: int,
) -> None:
    """See that every number of every expert is there once."""
    if len(dtypes) > 1 or not dtypes <= SIZES.keys():
        raise AhasdError(
            f"model '{name}': experts are stored as {', '.join(sorted(dtypes))}; one of {', '.join(SIZES)} for all "
            "is read, so unpack a quantised model first"
        )
    for row, layer in enumerate(layers):
        for expert, found in enumerate(pieces[row]):
            held = sum(piece.stop - piece.start for piece in found)
            starts = {piece.at for piece in found}
            if not dtypes or held != numbers * SIZES[next(iter(dtypes))] or len(starts) != len(found):
                raise AhasdError(
                    f"model '{name}': expert {expert} of layer {layer.layer} has {held} bytes in the safetensors "
                    f"files, and {numbers} weights are needed; the files lack part of it, or store it in a way that "
                    "is not understood (quantised?)"
                )
