"""Settings of made-up traces as users write them: ``acceptance=0.8,auc=0.7``."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.text_files import plain_number, whole_number


def parse_settings(text: str, kind: type, what: str) -> dict[str, Any]:
    """Read what is given; integers where the default of a field is one, and text where it is that.

    Parameters
    ----------
    kind
        The dataclass of the settings, all of whose fields have a default.
    what
        What messages call it ("a synthetic trace").

    Raises
    ------
    UnknownNameError
        For a key that does not exist; the message lists those that do.
    AhasdError
        For a value that is not a number, or a repeated key.
    """
    kinds: dict[str, Callable[[str], float]] = {
        field.name: whole_number if isinstance(field.default, int) else float for field in fields(kind)
    }
    texts = {field.name for field in fields(kind) if isinstance(field.default, str)}
    name = what.removeprefix("a ")
    given: dict[str, float | str] = {}
    for setting in filter(None, text.split(",")):
        key, _, value = (part.strip() for part in setting.partition("="))
        if key not in kinds:
            raise UnknownNameError(f"setting of {what}", key, kinds)
        if key in given:
            raise AhasdError(f"{name}: {key} is given twice")
        if key in texts:
            given[key] = value
            continue
        try:
            given[key] = kinds[key](plain_number(value))
        except ValueError:
            number = "an integer" if kinds[key] is whole_number else "a number"
            raise AhasdError(f"{name}: {key} is '{value}'; must be {number}") from None
    return given
