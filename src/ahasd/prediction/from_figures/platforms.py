"""The kinds of programs that run models, by the kernels that a pass of several rows meets there."""

import re
from dataclasses import replace
from typing import Literal, get_args

from ahasd.hardware.gpu.width.backends import Backend, width_cost
from ahasd.hardware.gpu.width.width_cost import WidthCost

#: What a device and a program together mean: PyTorch with graphs captured ahead, as servers have it, or run operator
#: by operator by the host, as transformers does.
Platform = Literal["cuda", "hip", "vulkan", "metal", "mlx", "cpu", "npu", "pytorch", "eager"]
PLATFORMS: tuple[Platform, ...] = get_args(Platform)

#: What the words of a device and a program say, in the order in which it is asked; else it is CUDA.
_WORDS: tuple[tuple[str, Platform], ...] = (
    (r"^(?!.*(?:rtx|gtx|radeon rx)).*\bcpu\b", "cpu"),
    (r"\bnpu\b|rbln", "npu"),
    (r"mlx|\bmtplx", "mlx"),
    (r"vulkan|\barc\b|sycl", "vulkan"),
    (r"metal|apple|\bm[1-9]\b|\bmac|iphone|ipad", "metal"),
    (r"vllm|sglang|tensorrt|lmdeploy", "pytorch"),
    (r"transformers|hugging ?face|torch", "eager"),
    (r"rtx|gtx|geforce|nvidia|tesla|jetson|cuda", "cuda"),
    (r"rocm|\bhip\b|radeon|\brx\b|ryzen|instinct|strix|gfx\d", "hip"),
    (r"raspberry|snapdragon|dimensity|tensor g\d|exynos|pixel|rk3588", "cpu"),
)

#: The backend whose kernels a platform has, where they were measured.
_KERNELS: dict[Platform, Backend] = {
    "cuda": "llama.cpp-cuda",
    "hip": "llama.cpp-cuda",
    "vulkan": "llama.cpp-vulkan",
    "metal": "llama.cpp-metal",
    "mlx": "mlx",
    "pytorch": "pytorch",
    "eager": "pytorch",
}

#: Programs of which the record holds several sources; others are less known.
_USUAL = r"llama\.?cpp|mlx|lm studio|vllm|sglang|ollama"

#: Rows that one tile of a CPU kernel takes (ours: as the vector kernels of GPUs).
_CPU_ROWS = 8


def platform_of(device: str, runtime: str) -> Platform:
    """What a device and a program mean, by their words."""
    said = f"{device} {runtime}".lower()
    return next((platform for pattern, platform in _WORDS if re.search(pattern, said)), "cuda")


def is_usual(runtime: str) -> bool:
    """Whether several sources of the record ran this program."""
    return re.search(_USUAL, runtime.lower()) is not None


def kernel_bits(weight_bits: float) -> int:
    """Which kernel weights of so many bits take: the one for 4, 8 or 16."""
    return 16 if weight_bits > 12 else 8 if weight_bits > 6.9 else 4


def pass_cost(platform: Platform, weight_bits: float, slope: float) -> WidthCost:
    """The steps of a platform's kernels, with what a further row costs in its vector kernel on this machine.

    Parameters
    ----------
    weight_bits
        Bits per weight; half precision has a matrix kernel from two rows on.
    slope
        In passes of one row.
    """
    backend = _KERNELS.get(platform)
    if backend is None:
        return WidthCost(slope, _CPU_ROWS)
    kernel = width_cost(backend, kernel_bits(weight_bits))
    return replace(kernel, slope=slope) if kernel.slope else kernel
