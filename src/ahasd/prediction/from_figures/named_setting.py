"""From the names that a person says to a setting."""

from math import isfinite

from ahasd.errors import AhasdError
from ahasd.hardware.measured.device_file import read_device
from ahasd.hardware.measured.devices.find_device import find_device
from ahasd.hardware.measured.measured_device import MeasuredDevice
from ahasd.prediction.from_figures.measured_setting import is_device_file, measured_size, with_measurements
from ahasd.prediction.from_figures.model_figures import GIGA, ModelFigures, model_figures
from ahasd.prediction.from_figures.platforms import is_usual, platform_of
from ahasd.prediction.from_figures.setting import Setting

#: Name, parameters in 10^9 if said, format.
Named = tuple[str, float | None, str]


def named_setting(
    device: str, runtime: str, target: Named, draft: tuple[str | None, float | None, str]
) -> Setting:
    """Look the device up, or read its file, and read the models' names.

    Raises
    ------
    AhasdError
        The device is not known or its name fits several, or a model's size is not known.
    """
    measured = read_device(device) if is_device_file(device) else None
    found = find_device(device) if measured is None else None
    name, size, quantisation = draft
    setting = Setting(
        devices=(found,) if found is not None else (),
        platform=platform_of(found.name if found is not None else "", runtime),
        target=_model("target", target, measured),
        method="draft-model",
        draft=_model("draft", (name, size, quantisation), measured) if name is not None else None,
        usual_runtime=is_usual(runtime),
    )
    return setting if measured is None else with_measurements(setting, measured, runtime)


def _model(role: str, named: Named, measured: MeasuredDevice | None) -> ModelFigures:
    name, size, quantisation = named
    if size is None and measured is not None:
        size = measured_size(measured, name)
    if size is not None and not (isfinite(size) and size > 0):
        raise AhasdError(f"--{role}-size is {size:g}; it must be positive and finite, in 10^9 parameters")
    figures = model_figures(name, quantisation, size * GIGA if size is not None else None)
    if figures.read_bytes is None:
        raise AhasdError(f"the name '{name}' does not say how large the {role} is; give --{role}-size")
    return figures
