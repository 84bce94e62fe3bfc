"""Formats of weights that can be asked for by name, for models whose file says none."""

from math import prod

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.workload.ggml_formats import GGML_FORMATS
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.number_format import NumberFormat, grouped
from ahasd.workload.precision import FINE_PARAMETER_TYPE, Precision
from ahasd.workload.stored_weights import FINE, StoredGroup, StoredWeights, stored_group

#: Of the formats of ggml, those that are no weights' on their own.
_NO_WEIGHTS = ("i8", "i16", "i32", "i64", "f64")

#: Formats beside those of ggml. AWQ and GPTQ keep an FP16 scale and a zero point as wide as a weight for each 128
#: weights (AutoAWQ, GPTQModel; the group is their usual one).
_OTHERS = (
    grouped("int4-g128", 4, 128, 16 + 4),
    grouped("int8-g128", 8, 128, 16 + 8),
)

#: By name; what an embedding and a head are kept as is the same (ours).
WEIGHT_FORMATS: dict[str, NumberFormat] = {
    name: kept for name, kept in GGML_FORMATS.items() if name not in _NO_WEIGHTS
} | {kept.name: kept for kept in _OTHERS}


def weight_format(name: str) -> NumberFormat:
    """Look a format up.

    Raises
    ------
    AhasdError
        There is none of the name, or it is a mix of several, which only a file can tell.
    """
    wanted = name.strip().lower()
    if wanted.endswith(("_s", "_m", "_l", "_xl")) and wanted not in WEIGHT_FORMATS:
        raise AhasdError(
            f"weight format '{name}' is a mix of formats, which differs from model to model: give the GGUF file "
            "itself as a member of the pair, or one format for all weights, such as q4_k"
        )
    if wanted not in WEIGHT_FORMATS:
        raise UnknownNameError("weight format", name, WEIGHT_FORMATS)
    return WEIGHT_FORMATS[wanted]


def matrix_elements(spec: ModelSpec) -> dict[str, int]:
    """Elements of every matrix and table of a model in all layers together, by name, and of all gains and biases."""
    found: dict[str, int] = {}
    for value, layers in spec.decoder.forward_pass(1, 0, Precision()).constants:
        assert value.shape is not None, "a decoder's constants have shapes"
        matrix = len(value.shape) > 1
        name = value.name.partition(".")[0] if matrix else FINE
        found[name] = found.get(name, 0) + prod(value.shape) * layers
    return found


def keep_all_as(spec: ModelSpec, kept: NumberFormat, origin: str) -> ModelSpec:
    """The model with every matrix in one format; gains and biases stay FP16."""
    fine = NumberFormat(
        FINE_PARAMETER_TYPE.value, 1, FINE_PARAMETER_TYPE.bits // 8, 0, FINE_PARAMETER_TYPE.bits
    )
    groups: tuple[StoredGroup, ...] = tuple(
        stored_group(name, [(elements, fine if name == FINE else kept)])
        for name, elements in matrix_elements(spec).items()
    )
    return spec.model_copy(update={"stored_weights": StoredWeights(kept.name, groups, origin)})
