"""The backends whose kernels were measured, and what a pass of several rows costs on them."""

from functools import cache
from importlib import resources
from typing import Literal

from ahasd.hardware.gpu.width.width_cost import WidthCost
from ahasd.yaml_text import read_yaml

#: Programs that run a model on a GPU, or on the cores of a CPU (``llama.cpp-cpu``); ``ideal-tensor-cores`` is none,
#: but a bound: passes of any width cost the same until tensor cores are busy.
Backend = Literal[
    "ideal-tensor-cores",
    "llama.cpp-cuda",
    "llama.cpp-cublas",
    "llama.cpp-metal",
    "llama.cpp-vulkan",
    "llama.cpp-cpu",
    "mlx",
    "pytorch",
]


@cache
def width_cost(backend: Backend, weight_bits: int) -> WidthCost:
    """What several rows cost on a backend, by the kernel it has for weights of 4, 8 or 16 bits."""
    document = read_yaml(
        (resources.files("ahasd.hardware.gpu.width") / "backends.yaml").read_text(encoding="utf-8")
    )
    kernel = document["kernels"][document["backends"][backend][weight_bits]]
    return WidthCost(**{key: value for key, value in kernel.items() if key != "source"})
