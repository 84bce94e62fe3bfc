"""Types and lengths of axes as ONNX spells them."""

from typing import Any

from ahasd.errors import AhasdError

#: Names that are not just the lower-case ones of `value_types`.
_SPELLED = {
    "float": "float32",
    "double": "float64",
    "float8e4m3fn": "float8_e4m3fn",
    "float8e5m2": "float8_e5m2",
}


def type_name(said: Any, place: str) -> str:
    """Name of an element type, given as a number or as the type of a value.

    Raises
    ------
    AhasdError
        It is no tensor's.
    """
    from onnx import TensorProto

    number = said
    if not isinstance(said, int):
        if said.type.WhichOneof("value") != "tensor_type":
            kind = said.type.WhichOneof("value") or "nothing"
            raise AhasdError(
                f"{place} is no tensor but {kind.removesuffix('_type')}; it has no size to count"
            )
        number = said.type.tensor_type.elem_type
    if number not in TensorProto.DataType.values():
        raise AhasdError(f"{place}: its type is number {number}, which this version of onnx does not know")
    name = str(TensorProto.DataType.Name(number)).lower()
    return _SPELLED.get(name, name)


def lengths(info: Any, place: str) -> tuple[int, ...]:
    """Lengths of all axes.

    Raises
    ------
    AhasdError
        One is open or negative, or there is no shape; the message says what to give.
    """
    tensor = info.type.tensor_type
    if info.type.WhichOneof("value") == "tensor_type" and not tensor.HasField("shape"):
        raise AhasdError(
            f"{place} has no shape: the file says none and ONNX infers none; export the model with static shapes"
        )
    found = []
    for axis, length in enumerate(tensor.shape.dim):
        kind = length.WhichOneof("value")
        if kind == "dim_param" and length.dim_param:
            raise AhasdError(
                f"{place}: axis {axis} has the length '{length.dim_param}', which is open; give it a value, such as "
                f"--dim {length.dim_param}=1"
            )
        if kind != "dim_value":
            raise AhasdError(
                f"{place}: the length of axis {axis} is open and has no name; export the model with static shapes"
            )
        if length.dim_value < 0:
            raise AhasdError(f"{place}: axis {axis} has the length {length.dim_value}")
        found.append(length.dim_value)
    return tuple(found)
