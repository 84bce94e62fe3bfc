"""The names of mixes of formats, by the number that stands in a file (`llama_ftype` of llama.cpp's `llama.h`)."""

from collections import Counter
from collections.abc import Iterable

from ahasd.workload.readers.gguf.header import Tensor
from ahasd.workload.readers.gguf.values import Value

_NAMES: dict[int, str] = {
    0: "F32",
    1: "F16",
    2: "Q4_0",
    3: "Q4_1",
    7: "Q8_0",
    8: "Q5_0",
    9: "Q5_1",
    10: "Q2_K",
    11: "Q3_K_S",
    12: "Q3_K_M",
    13: "Q3_K_L",
    14: "Q4_K_S",
    15: "Q4_K_M",
    16: "Q5_K_S",
    17: "Q5_K_M",
    18: "Q6_K",
    19: "IQ2_XXS",
    20: "IQ2_XS",
    21: "Q2_K_S",
    22: "IQ3_XS",
    23: "IQ3_XXS",
    24: "IQ1_S",
    25: "IQ4_NL",
    26: "IQ3_S",
    27: "IQ3_M",
    28: "IQ2_S",
    29: "IQ2_M",
    30: "IQ4_XS",
    31: "IQ1_M",
    32: "BF16",
    36: "TQ1_0",
    37: "TQ2_0",
    38: "MXFP4_MOE",
    39: "NVFP4",
    40: "Q1_0",
}
#: Set where the number was guessed from the tensors when the file was read, not written by who made it.
_GUESSED = 1024
#: Formats with a smaller share of the bytes are not named (ours).
_LEAST_SHARE = 0.02


def format_name(file_type: Value | None, tensors: Iterable[Tensor]) -> str:
    """Name of the format of a file, as people say it: the mix's, or the formats that make up most of it."""
    if isinstance(file_type, int) and not isinstance(file_type, bool):
        name = _NAMES.get(file_type & ~_GUESSED)
        if name is not None:
            return name
    shares: Counter[str] = Counter()
    for tensor in tensors:
        shares[tensor.kept.name.upper()] += tensor.bytes
    total = shares.total()
    return " and ".join(name for name, taken in shares.most_common() if taken >= _LEAST_SHARE * total)
