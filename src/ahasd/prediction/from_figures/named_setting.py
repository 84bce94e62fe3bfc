"""From the names that a person says to a setting."""

from dataclasses import replace

from ahasd.errors import AhasdError
from ahasd.hardware.measured.devices.find_device import find_device
from ahasd.prediction.from_figures.model_figures import ModelFigures
from ahasd.prediction.from_figures.named_models import NamedModel, read_draft, read_target
from ahasd.prediction.from_figures.platforms import is_usual, platform_of
from ahasd.prediction.from_figures.setting import Setting


def named_setting(device: str, runtime: str, target: NamedModel, draft: NamedModel | None = None) -> Setting:
    """Look the device up and read the models' names or files.

    Raises
    ------
    AhasdError
        The device is not known or its name fits several, or a model's size is not known.
    """
    found = find_device(device)
    setting = Setting(
        devices=(found,),
        platform=platform_of(found.name, runtime),
        target=read_target(target),
        method="draft-model",
        usual_runtime=is_usual(runtime),
    )
    return setting if draft is None else with_draft(setting, draft)


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
