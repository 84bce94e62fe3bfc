"""Nodes that make each element of their result from the same element of their inputs."""

#: Names of operators as ONNX, PyTorch and graphs built here have them, in lower case without overload or underscore.
#: Normalisation by stored figures counts, as inference has it; normalisation over an axis does not.
_NAMES = (
    "abs neg ceil floor round sign reciprocal sqrt rsqrt exp log sin cos erf square pow",
    "clip clamp clamp_min clamp_max",
    "relu relu6 leakyrelu leaky_relu prelu elu selu celu gelu silu swish mish softplus softsign sigmoid tanh",
    "hardsigmoid hardswish hardtanh threshold dropout identity",
    "add sub mul div maximum minimum max min sum where masked_fill",
    "batchnormalization batch_norm batchnorm",
)
ELEMENT_WISE = frozenset(name for line in _NAMES for name in line.split())


def is_element_wise(op: str) -> bool:
    """Whether it is one, such as ``Relu``, ``aten.relu_.default`` or ``add``.

    Of operators that are named like it and reduce (the sum over an axis), the result has other bytes than the input,
    so nothing is overwritten.
    """
    parts = op.lower().split(".")
    name = parts[1] if parts[0] in ("aten", "prims") and len(parts) > 1 else parts[-1]
    return name.rstrip("_") in ELEMENT_WISE
