"""The weights of a model as its `config.json` says that they are kept."""

from collections import defaultdict
from collections.abc import Mapping
from math import prod
from typing import Any

from ahasd.errors import AhasdError
from ahasd.workload.ggml_formats import GGML_FORMATS
from ahasd.workload.layered_graph import Section
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.number_format import NumberFormat
from ahasd.workload.precision import Precision
from ahasd.workload.readers.quantisation.methods import EVERY, Quantisation, read_quantisation
from ahasd.workload.readers.quantisation.modules import Modules
from ahasd.workload.readers.quantisation.scheme import Scheme
from ahasd.workload.stored_weights import FINE, StoredGroup, StoredWeights
from ahasd.workload.value import Value

#: What a `dtype` is kept as.
_TYPES: dict[str, NumberFormat] = {
    "float32": GGML_FORMATS["f32"],
    "float16": GGML_FORMATS["f16"],
    "bfloat16": GGML_FORMATS["bf16"],
    "float8_e4m3fn": NumberFormat("fp8", 1, 1, 0, 8),
}
#: Of what is not quantised, where the file has no `dtype`: quantisers keep FP16 (ours).
_USUAL = "float16"

#: Matrices that choose experts; quantisers leave them as they are whether or not a file says so (ours).
_CHOOSING = ("router", "shared_weight")

#: Elements, bytes, and bytes in words of memory.
_Taken = list[int]


def stored_weights(spec: ModelSpec, contents: Mapping[str, Any], origin: str) -> StoredWeights | None:
    """Work out what each matrix takes; None where the file says neither `dtype` nor `quantization_config`.

    Raises
    ------
    AhasdError
        It says one that is not read, or that makes no sense.
    """
    quantisation = read_quantisation(contents, origin)
    plain = _plain(contents, origin)
    if quantisation is None and plain is None:
        return None
    left = plain or _TYPES[_USUAL]
    found: defaultdict[str, _Taken] = defaultdict(lambda: [0, 0, 0])
    choose = _Schemes(quantisation, origin)
    first = 0
    for section in spec.decoder.forward_pass(1, 0, Precision()).sections:
        layers = range(first, first + section.times) if section.name else None
        first += section.times if section.name else 0
        _add(found, section, layers, choose, left)
    groups = tuple(StoredGroup(name, *taken) for name, taken in sorted(found.items()))
    if quantisation is None:
        return StoredWeights(left.name, groups, "dtype")
    return StoredWeights(f"{quantisation.name}, rest {left.name}", groups, "quantization_config")


class _Schemes:
    """Which scheme a matrix has."""

    def __init__(self, quantisation: Quantisation | None, origin: str) -> None:
        self._of = quantisation
        self._left = Modules(quantisation.left if quantisation else (), origin)
        self._targets = [
            (None if target == EVERY else Modules([target], origin), scheme)
            for target, scheme in (quantisation.schemes if quantisation else ())
        ]

    def of(self, matrix: str, layer: int | None) -> Scheme | None:
        """The scheme of a matrix, in a layer or outside them; None where it stays as it was."""
        if self._of is None or matrix in _CHOOSING or self._left.fit_matrix(matrix, layer):
            return None
        if self._of.experts_only and not matrix.startswith("expert_"):
            return None
        every = layer is not None or (matrix == "lm_head" and self._of.head)
        for target, scheme in self._targets:
            if every if target is None else target.fit_matrix(matrix, layer):
                return scheme
        return None


def _add(
    found: defaultdict[str, _Taken],
    section: Section,
    layers: range | None,
    choose: _Schemes,
    left: NumberFormat,
) -> None:
    """Add what a section's weights take; a tied head is the embedding's and stands there only."""
    for value in section.constants:
        assert value.shape is not None, "a decoder's constants have shapes"
        name = value.name.partition(".")[0]
        if name in found and name == "embedding" and layers is None:
            continue
        for layer in (None,) if layers is None else layers:
            matrix = len(value.shape) > 1
            taken = _taken(value, choose.of(name, layer) if matrix else None, left, matrix)
            entry = found[name if matrix else FINE]
            for number, size in enumerate(taken):
                entry[number] += size


def _taken(value: Value, scheme: Scheme | None, left: NumberFormat, matrix: bool) -> tuple[int, int, int]:
    if scheme is None:
        taken = left.bytes_of(value.elements)
        return value.elements, taken, left.in_words.bytes_of(value.elements) if matrix else taken
    assert value.shape is not None
    *many, outputs, inputs = value.shape
    count = prod(many)
    return (
        value.elements,
        count * scheme.bytes_of(outputs, inputs),
        count * scheme.word_bytes_of(outputs, inputs),
    )


def _plain(contents: Mapping[str, Any], origin: str) -> NumberFormat | None:
    """What `dtype`, or `torch_dtype` of older files, says."""
    said = contents.get("dtype") or contents.get("torch_dtype")
    if said is None or said == "auto":
        return None
    name = str(said).removeprefix("torch.")
    if name not in _TYPES:
        raise AhasdError(f"{origin}: dtype {said!r} is not read; known are {', '.join(_TYPES)}")
    return _TYPES[name]
