"""Names of element types as files of graphs spell them, and their bits."""

from ahasd.errors import AhasdError

#: As NumPy, ONNX and PyTorch name them, without "torch.".
BITS = {
    "bool": 8,
    "int4": 4,
    "uint4": 4,
    "int8": 8,
    "uint8": 8,
    "int16": 16,
    "uint16": 16,
    "int32": 32,
    "uint32": 32,
    "int64": 64,
    "uint64": 64,
    "float8_e4m3fn": 8,
    "float8_e5m2": 8,
    "float16": 16,
    "bfloat16": 16,
    "float32": 32,
    "float64": 64,
    "complex64": 64,
    "complex128": 128,
}


def bytes_of(elements: int, dtype: object, where: str) -> int:
    """Bytes of so many elements, packed.

    Raises
    ------
    AhasdError
        The type is not known; the message begins with `where`.
    """
    bits = BITS.get(str(dtype).removeprefix("torch."))
    if bits is None:
        raise AhasdError(f"{where}: the type {dtype!r} is not known; known are {', '.join(BITS)}")
    return -(-elements * bits // 8)
