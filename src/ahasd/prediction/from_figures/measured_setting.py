"""A setting on a measured device."""

from dataclasses import replace
from pathlib import Path

from ahasd.hardware.gpu.width.backends import Backend
from ahasd.hardware.measured.devices.find_device import matching_devices
from ahasd.hardware.measured.devices.known_device import KnownDevice
from ahasd.hardware.measured.measured_device import MeasuredDevice, MeasuredModel
from ahasd.prediction.from_figures.measured_pair import find_model, measured_pair
from ahasd.prediction.from_figures.model_figures import ModelFigures, weight_bits
from ahasd.prediction.from_figures.model_shape import GIGA
from ahasd.prediction.from_figures.platforms import Platform, kernel_bits, platform_of
from ahasd.prediction.from_figures.setting import Setting

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


def measured_size(device: MeasuredDevice, name: str) -> float | None:
    """Parameters in 10^9 of the model that a name means, where the table knows them."""
    found = find_model(device.models, name)
    return found.parameters / GIGA if found is not None and found.parameters is not None else None


def with_measurements(setting: Setting, device: MeasuredDevice, runtime: str) -> Setting:
    """The setting on a measured device; what that does not hold comes from the known device of its name, if any.

    Raises
    ------
    AhasdError
        A model's name fits several of the table.
    """
    draft = setting.draft
    target = _refined(setting.target, find_model(device.models, setting.target.name))
    if draft is not None:
        draft = _refined(draft, find_model(device.models, draft.name))
    pair = measured_pair(
        device,
        target.name,
        kernel_bits(target.weight_bits),
        draft.name if draft is not None else None,
        kernel_bits(draft.weight_bits) if draft is not None else 4,
    )
    return replace(
        setting,
        devices=_known(device),
        platform=_platform(device, runtime),
        target=target,
        draft=draft,
        measured=pair,
    )


def _platform(device: MeasuredDevice, runtime: str) -> Platform:
    if device.backend in _PLATFORMS:
        return _PLATFORMS[device.backend]
    if device.processor == "cpu" or device.processor == "npu":
        return device.processor
    return platform_of(device.device, runtime)


def _known(device: MeasuredDevice) -> tuple[KnownDevice, ...]:
    """The known devices of this name with the bandwidth that was measured here; else one of its name alone."""
    reached = device.achieved_bandwidth
    found = () if device.processor == "cpu" else matching_devices(device.device)
    if found:
        if reached is None:
            return found
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


def _refined(model: ModelFigures, found: MeasuredModel | None) -> ModelFigures:
    """The model with the bytes that the table knows, or the format that its name there says."""
    if found is None or model.parameters is None:
        return model
    if model.token_bytes is not None and found.weight_bytes is None:
        return model
    bits = weight_bits(found.name, model.weight_bits)
    stored = found.weight_bytes or model.parameters * bits / 8
    return replace(model, weight_bits=8 * stored / model.parameters, stored_bytes=stored, token_bytes=None)
