"""Measured devices as YAML files."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from ahasd.errors import AhasdError
from ahasd.hardware.measured.measured_device import MeasuredDevice
from ahasd.invalid_values import explain
from ahasd.text_files import read_text
from ahasd.yaml_text import parse_yaml

#: Significant digits of a written time; clocks tell no more apart (ours).
DIGITS = 6

#: Comment at the head of a written file.
_HEAD = (
    "# Times of a model's passes that were measured on a device. width: rows of a pass; context: tokens in the\n"
    "# caches before it; ms: milliseconds. Pass the file to `ahasd plan --device`.\n"
)


def read_device(path: str | Path) -> MeasuredDevice:
    """Read a file.

    Raises
    ------
    AhasdError
        It cannot be read, or is no measured device; names the field.
    """
    document = parse_yaml(read_text(path, "measured device"), str(path))
    if not isinstance(document, dict) or "device" not in document:
        raise AhasdError(
            f"{path} is not a measured device: expected 'device:' and 'models:'; "
            "`ahasd hardware import` makes one of what you measured"
        )
    return given_device(document, str(path))


def given_device(document: dict[str, Any], where: str) -> MeasuredDevice:
    """Check a document.

    Raises
    ------
    AhasdError
        A field is missing, unknown or holds what cannot be.
    """
    try:
        return MeasuredDevice.model_validate(document).check(where)
    except ValidationError as error:
        raise AhasdError(f"{where}: {explain(error)}") from error


def device_document(device: MeasuredDevice) -> dict[str, Any]:
    """Lay a device out for YAML or JSON, without what is not known."""
    document = device.model_dump(mode="json", exclude_defaults=True)
    for model in document.get("models", ()):
        model["times"] = [
            {
                "width": time["width"],
                "context": time.get("context", 0),
                "ms": float(f"{time['ms']:.{DIGITS}g}"),
            }
            for time in sorted(model["times"], key=lambda time: (time.get("context", 0), time["width"]))
        ]
    return document


def device_yaml(device: MeasuredDevice) -> str:
    """Write a device as YAML, a line for each time."""
    text = _HEAD
    for key, content in device_document(device).items():
        if key != "models":
            text += yaml.safe_dump({key: content}, sort_keys=False, allow_unicode=True, width=110)
            continue
        text += "models:\n"
        for model in content:
            times = model.pop("times")
            head = yaml.safe_dump([model], sort_keys=False, allow_unicode=True, width=110)
            text += "".join(f"  {line}\n" for line in head.splitlines()) + "    times:\n"
            text += "".join(
                f"      - {{width: {time['width']}, context: {time['context']}, ms: {time['ms']!r}}}\n"
                for time in times
            )
    return text
