"""What a step of one row takes: bytes over the bandwidth that was reached, and what every step takes besides."""

from dataclasses import dataclass
from statistics import fmean

from ahasd.prediction.from_figures.model_figures import ModelFigures
from ahasd.prediction.from_figures.platforms import Platform
from ahasd.prediction.from_figures.setting import Setting

#: Bytes and layers of the model that achieved bandwidths were measured with: Llama-2-7B, Q4_0.
MEASURED_BYTES, MEASURED_LAYERS = 3.826e9, 32

#: Share of the time above the peak's that does not grow with the bytes (launches, small operators). From the shown
#: rows with an achieved bandwidth: 0.53 to 0.7 on A100, 3090, 4090, 5090, M3 Max and M3 Ultra where a 7B and a model
#: of 27B or more are known; between 0.4 and 0.8 the median error over all hardly changes.
FIXED_SHARE = 0.6

#: MLX's steps over llama.cpp's on the same chip, with which achieved bandwidths were measured: 4 sources, 0.7 to 0.9.
MLX_TIME = 0.8

#: What every step takes besides, in a mixture over a dense model: routing and small products; 2 sources.
MIXTURE_OVERHEAD = 2.0

#: Several processors that share each layer reach this share of their joint bandwidth: 4 x 2080 Ti, 1 source.
JOINT_SHARE = 0.5

#: Share of the peak that PyTorch's servers reach where llama.cpp, with which achieved bandwidths were measured,
#: reaches less (ours; TensorRT-LLM on a Jetson AGX Orin reaches 0.8 with an 8B of 4 bits).
SERVER_SHARE = 0.75

#: Seconds that the host needs for a layer, operator by operator: 11.5 ms for the 16 layers of a 1B and 22.1 ms for
#: the 32 of an 8B in AMUSD's published log (transformers, A100). A step takes at least that.
EAGER_LAYER_S = 0.7e-3

#: A typical device where none is known, peak and achieved in bytes per second, and the share of its peak that one
#: reaches of which only the peak is known: medians of the package's table.
_TYPICAL: dict[Platform, tuple[float, float]] = {
    "cuda": (900e9, 0.65),
    "hip": (600e9, 0.75),
    "vulkan": (450e9, 0.7),
    "metal": (300e9, 0.65),
    "mlx": (400e9, 0.65),
    "cpu": (80e9, 0.6),
    "npu": (225e9, 1.0),
    "pytorch": (1000e9, 0.75),
    "eager": (1000e9, 0.75),
}

#: The same peak for kinds of devices that no platform tells from a card: phones and laptops have 64 and 128 bits of
#: LPDDR5 or LPDDR5X, boards 32 (ours: middle of the table).
_TYPICAL_PEAK = {"laptop": 120e9, "phone": 70e9, "sbc": 25e9, "edge": 100e9, "laptop gpu": 400e9}


@dataclass(frozen=True, slots=True)
class StepFigures:
    """How long steps take on a device.

    Attributes
    ----------
    seconds_per_byte
        Of weights.
    fixed_s
        Besides, for `MEASURED_LAYERS` layers, in seconds.
    host_layer_s
        What the host needs for a layer beside the device's work, in seconds.
    """

    seconds_per_byte: float
    fixed_s: float
    host_layer_s: float = 0.0

    def step(self, model: ModelFigures) -> float | None:
        """Seconds of a pass of one row; None where the model's size is not known."""
        read = model.read_bytes
        if read is None:
            return None
        overhead = MIXTURE_OVERHEAD if model.mixture else 1.0
        device = read * self.seconds_per_byte + self.fixed_s * overhead * model.layers / MEASURED_LAYERS
        return max(device, self.host_layer_s * model.layers)


def step_figures(setting: Setting) -> StepFigures:
    """How long steps take in a setting.

    The time of a 7B's step is that of its bytes at the peak and a gap; a share of the gap is there for every step,
    the rest grows with the bytes.
    """
    typical_peak, _ = _TYPICAL[setting.platform]
    if setting.devices:
        typical_peak = _TYPICAL_PEAK.get(setting.devices[0].kind, typical_peak)
    peaks = [device.peak_bandwidth for device in setting.devices if device.peak_bandwidth]
    reached = [device.achieved_bandwidth for device in setting.devices if device.achieved_bandwidth]
    achieved = fmean(reached) if reached else None
    peak = fmean(peaks) if peaks else setting.peak_bandwidth or achieved or typical_peak
    if setting.platform in ("pytorch", "eager"):
        achieved = max(achieved or 0.0, SERVER_SHARE * peak)
    measured = MEASURED_BYTES / (achieved or typical_bandwidth(setting.platform, peak))
    fixed = max(0.0, FIXED_SHARE * (measured - MEASURED_BYTES / peak))
    per_byte = (measured - fixed) / MEASURED_BYTES
    if setting.platform == "mlx":
        per_byte, fixed = per_byte * MLX_TIME, fixed * MLX_TIME
    if setting.joint and setting.processors > 1:
        per_byte /= setting.processors * JOINT_SHARE
    return StepFigures(per_byte, fixed, EAGER_LAYER_S if setting.platform == "eager" else 0.0)


def typical_bandwidth(platform: Platform, peak: float) -> float:
    """What a device of which only the peak is known reaches with a 7B, in bytes per second."""
    return peak * _TYPICAL[platform][1]


def typical_peak(platform: Platform) -> float:
    """What a device of which nothing is known has at its peak, in bytes per second."""
    return _TYPICAL[platform][0]


def has_bandwidth(setting: Setting) -> bool:
    """Whether a bandwidth of the device is known at all, peak or achieved."""
    known = any(device.peak_bandwidth or device.achieved_bandwidth for device in setting.devices)
    return known or setting.peak_bandwidth is not None


def has_achieved_bandwidth(setting: Setting) -> bool:
    """Whether what the device reaches was measured."""
    return any(device.achieved_bandwidth for device in setting.devices)
