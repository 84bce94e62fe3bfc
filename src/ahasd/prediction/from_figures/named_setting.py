"""From the names that a person says to a setting."""

from math import isfinite

from ahasd.errors import AhasdError
from ahasd.hardware.measured.devices.find_device import find_device
from ahasd.prediction.from_figures.measured_setting import Named, is_device_file, measured_setting
from ahasd.prediction.from_figures.model_figures import GIGA, ModelFigures, model_figures
from ahasd.prediction.from_figures.platforms import is_usual, platform_of
from ahasd.prediction.from_figures.setting import Setting


def named_setting(
    device: str, runtime: str, target: Named, draft: tuple[str | None, float | None, str]
) -> Setting:
    """Look the device up, or read its file, and read the models' names.

    Raises
    ------
    AhasdError
        The device is not known or its name fits several, or a model's size is not known.
    """
    if is_device_file(device):
        return measured_setting(device, runtime, target, draft)
    found = find_device(device)
    name, size, quantisation = draft
    return Setting(
        devices=(found,),
        platform=platform_of(found.name, runtime),
        target=_model("target", target),
        method="draft-model",
        draft=_model("draft", (name, size, quantisation)) if name is not None else None,
        usual_runtime=is_usual(runtime),
    )


def _model(role: str, named: Named) -> ModelFigures:
    name, size, quantisation = named
    if size is not None and not (isfinite(size) and size > 0):
        raise AhasdError(f"--{role}-size is {size:g}; it must be positive and finite, in 10^9 parameters")
    figures = model_figures(name, quantisation, size * GIGA if size is not None else None)
    if figures.read_bytes is None:
        raise AhasdError(f"the name '{name}' does not say how large the {role} is; give --{role}-size")
    return figures
