"""How fast a machine writes with a model of which no more is known than the bytes of a pass and its layers."""

from functools import cache

from ahasd.hardware.build_devices import build_gpu, build_npu
from ahasd.hardware.fidelity import Fidelity
from ahasd.hardware.preset.preset import Hardware, load_preset
from ahasd.workload.passes import forward_pass
from ahasd.workload.precision import Precision
from ahasd.workload.zoo import load_model

#: The model whose passes are costed, its layers, and tokens in its cache: the middle of 128 that are written.
_MODEL, _LAYERS, _CONTEXT = "llama2-7b", 32, 64
#: Bits per weight of Q4_0: 4, and a scale of 16 for 32 weights.
Q4_0_BITS = 4.5


def tokens_per_second(preset: str, read_bytes: float | None = None, layers: int = _LAYERS) -> float:
    """Speed of the target alone, by the GPU's or NPU's own costs of a 7B.

    A pass's time is a line in the bytes of its weights while the memory bounds it; what does not grow with them
    (launches, cache) goes by the layers.

    Parameters
    ----------
    preset
        A machine with a GPU, or with an NPU.
    read_bytes
        Weights that a pass reads; those of Llama-2-7B in Q4_0 unless given.

    Raises
    ------
    AhasdError
        There is no such preset.
    """
    (bytes_4, seconds_4), (bytes_8, seconds_8) = _passes(preset)
    per_byte = (seconds_8 - seconds_4) / (bytes_8 - bytes_4)
    besides = seconds_4 - per_byte * bytes_4
    read = bytes_4 * Q4_0_BITS / 4 if read_bytes is None else read_bytes
    return 1 / (per_byte * read + besides * layers / _LAYERS)


@cache
def _passes(preset: str) -> tuple[tuple[int, float], tuple[int, float]]:
    """Bytes of the weights and seconds of a 7B's pass at 4 and at 8 bits."""
    hardware = load_preset(preset).hardware
    at_4, at_8 = (_pass(hardware, Precision(bits)) for bits in (4, 8))
    return at_4, at_8


def _pass(hardware: Hardware, precision: Precision) -> tuple[int, float]:
    graph = forward_pass(load_model(_MODEL), 1, _CONTEXT, precision)
    if hardware.gpu is not None:
        device = build_gpu(hardware, "gpu", precision).cost(graph)
    else:
        channels = hardware.require_memory().channels
        device = build_npu(hardware, channels, precision, Fidelity.DETAILED).cost(graph)
    return sum(operator.weight_bytes for operator in graph.operators), device.seconds
