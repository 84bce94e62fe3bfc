"""From a measured device and the names that a person says to a setting."""

from dataclasses import replace
from math import isfinite
from pathlib import Path

from ahasd.errors import AhasdError
from ahasd.hardware.gpu.width.backends import Backend
from ahasd.hardware.measured.device_file import read_device
from ahasd.hardware.measured.devices.find_device import matching_devices
from ahasd.hardware.measured.devices.known_device import KnownDevice
from ahasd.hardware.measured.measured_device import MeasuredDevice, MeasuredModel
from ahasd.prediction.from_figures.drafted_tokens import accepted_share
from ahasd.prediction.from_figures.measured_pair import find_model, measured_pair
from ahasd.prediction.from_figures.model_figures import GIGA, ModelFigures, model_figures, weight_bits
from ahasd.prediction.from_figures.platforms import Platform, is_usual, kernel_bits, platform_of
from ahasd.prediction.from_figures.setting import Setting

#: Name, parameters in 10^9 if said, format.
Named = tuple[str, float | None, str]

_PLATFORMS: dict[Backend, Platform] = {
    "llama.cpp-cuda": "cuda",
    "llama.cpp-cublas": "cuda",
    "llama.cpp-metal": "metal",
    "llama.cpp-vulkan": "vulkan",
    "mlx": "mlx",
    "pytorch": "pytorch",
}


def is_device_file(device: str) -> bool:
    """Whether a text means a file of measured times and no known device."""
    return Path(device).suffix in (".yaml", ".yml")


def measured_setting(
    path: str, runtime: str, target: Named, draft: tuple[str | None, float | None, str]
) -> Setting:
    """Read a measured device; what it does not hold comes from the figures of the known device of its name, if any.

    Raises
    ------
    AhasdError
        The file is none, a name fits several of its models, or the size of a model is not known.
    """
    device = read_device(path)
    name, size, quantisation = draft
    own = _model("target", target, find_model(device.models, target[0]))
    other = (
        _model("draft", (name, size, quantisation), find_model(device.models, name))
        if name is not None
        else None
    )
    pair = measured_pair(
        device,
        target[0],
        kernel_bits(own.weight_bits),
        name,
        kernel_bits(other.weight_bits) if other is not None else 4,
    )
    return Setting(
        devices=_known(device),
        platform=_platform(device, runtime),
        target=own,
        method="draft-model",
        draft=other,
        usual_runtime=is_usual(runtime),
        measured=pair,
    )


def measured_chance(setting: Setting) -> float | None:
    """Chance of a drafted token that makes the share that was measured at its draft length; None if none was."""
    found = setting.measured.acceptance if setting.measured is not None else None
    if found is None or found.mean_length is None:
        return None
    length = max(1.0, found.mean_length)
    low, high = 0.0, 0.999
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if accepted_share(middle, length) >= found.share else (middle, high)
    return high


def _platform(device: MeasuredDevice, runtime: str) -> Platform:
    if device.backend in _PLATFORMS:
        return _PLATFORMS[device.backend]
    if device.processor == "cpu" or device.processor == "npu":
        return device.processor
    return platform_of(device.device, runtime)


def _known(device: MeasuredDevice) -> tuple[KnownDevice, ...]:
    """The known devices of this name with the bandwidth that was measured here; else one of that bandwidth alone."""
    reached = device.achieved_bandwidth
    found = () if device.processor == "cpu" else matching_devices(device.device)
    if reached is None:
        return found
    if found:
        return tuple(
            replace(each, achieved_bandwidth=min(reached, each.peak_bandwidth or reached)) for each in found
        )
    alone = KnownDevice(
        name=device.device,
        kind=device.processor or "gpu",
        peak_bandwidth=None,
        achieved_bandwidth=reached,
        vector_rate=None,
        capacities=(),
        power_w="",
        source="measured",
        unverified="",
        notes="",
    )
    return (alone,)


def _model(role: str, named: Named, found: MeasuredModel | None) -> ModelFigures:
    """What name and table say together; the table knows bytes, and its name the format."""
    name, size, quantisation = named
    if size is not None and not (isfinite(size) and size > 0):
        raise AhasdError(f"--{role}-size is {size:g}; it must be positive and finite, in 10^9 parameters")
    parameters = size * GIGA if size is not None else None
    stored = None
    if found is not None:
        parameters = parameters or found.parameters
        stored = found.weight_bytes
        quantisation = found.name if weight_bits(found.name, 0.0) else quantisation
    figures = model_figures(name, quantisation, parameters, stored)
    if stored is not None and figures.parameters:
        figures = replace(figures, weight_bits=8 * stored / figures.parameters)
    if figures.read_bytes is None:
        raise AhasdError(f"the name '{name}' does not say how large the {role} is; give --{role}-size")
    return figures
