"""From the names that a person says to a setting."""

from dataclasses import replace

from ahasd.errors import AhasdError
from ahasd.hardware.measured.device_file import read_device
from ahasd.hardware.measured.devices.find_device import find_device
from ahasd.hardware.measured.measured_device import MeasuredDevice
from ahasd.prediction.from_figures.measured_setting import is_device_file, measured_size, with_measurements
from ahasd.prediction.from_figures.model_figures import ModelFigures, model_figures
from ahasd.prediction.from_figures.named_models import NamedModel, read_draft, read_target
from ahasd.prediction.from_figures.platforms import is_usual, platform_of
from ahasd.prediction.from_figures.setting import Setting


def named_setting(device: str, runtime: str, target: NamedModel, draft: NamedModel | None = None) -> Setting:
    """Look the device up, or read its file, and read the models' names or files.

    Raises
    ------
    AhasdError
        The device is not known or its name fits several, or a model's size is not known.
    """
    measured = read_device(device) if is_device_file(device) else None
    found = find_device(device) if measured is None else None
    setting = Setting(
        devices=(found,) if found is not None else (),
        platform=platform_of(found.name if found is not None else "", runtime),
        target=read_target(_sized(target, measured)),
        method="draft-model",
        usual_runtime=is_usual(runtime),
    )
    if draft is not None:
        setting = with_draft(setting, _sized(draft, measured))
    return setting if measured is None else with_measurements(setting, measured, runtime)


def _sized(named: NamedModel, measured: MeasuredDevice | None) -> NamedModel:
    """The model with the size that a measured device knows of it, where neither it nor its name says one."""
    if measured is None or named.billions is not None or named.is_file:
        return named
    if model_figures(named.text).parameters is not None:
        return named
    return replace(named, billions=measured_size(measured, named.text))


def with_draft(setting: Setting, draft: NamedModel) -> Setting:
    """The setting with a draft: a model of its own, or a head of the target.

    Raises
    ------
    AhasdError
        Its size is not known, or it is no smaller than the target.
    """
    found = read_draft(draft)
    if not isinstance(found, ModelFigures):
        return replace(setting, head=found, method=found.method)
    own, target = found.read_bytes, setting.target.read_bytes
    if own is not None and target is not None and own >= target:
        raise AhasdError(
            f"the draft {found.name} reads {own / 1e9:.2f} GB for a token and the target {setting.target.name} "
            f"{target / 1e9:.2f} GB; a draft must be smaller than its target"
        )
    return replace(setting, draft=found)
