"""What the headers of all kinds of traces have in common: fields, their rules, and how a file says them."""

import math
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, Literal, TypeVar, get_args

from ahasd.errors import AhasdError

Mode = Literal["greedy", "sampled"]
N = TypeVar("N", int, float)

#: The model of a trace that no model made.
SYNTHETIC = "synthetic"


def check_common(format_version: int, mode: str, temperature: float, seed: int, supported: int) -> None:
    """Refuse values that no trace has.

    Parameters
    ----------
    supported
        The version of the format that this release reads.

    Raises
    ------
    AhasdError
        The message names field and value.
    """
    check_version(format_version, supported)
    if mode not in get_args(Mode):
        raise AhasdError(f"trace header: mode is '{mode}'; must be 'greedy' or 'sampled'")
    if not math.isfinite(temperature) or temperature < 0:
        raise AhasdError(f"trace header: temperature is {temperature}; must be finite and at least 0")
    if seed < 0:
        raise AhasdError(f"trace header: seed is {seed}; must be at least 0")


def check_version(format_version: int, supported: int) -> None:
    """Refuse another version than the one that this release reads.

    Raises
    ------
    AhasdError
        It is another.
    """
    if format_version != supported:
        raise AhasdError(
            f"trace header: format version {format_version} is not supported; this release reads version "
            f"{supported}. Record the trace again or install the release that wrote it."
        )


def read_version(metadata: Mapping[str, str], kind: type, supported: int) -> int:
    """Read the version, and see that the fields are those of the class if it is the supported one.

    Parameters
    ----------
    kind
        The header's class; all its fields but ``notes`` must be there. Those of another version may differ.

    Raises
    ------
    AhasdError
        The version is no number, or a field is missing or unknown.
    """
    version = number("format_version", metadata.get("format_version", "missing"), int)
    known = {"format"} | {field.name for field in fields(kind)}
    if version == supported:
        missing, unknown = known - metadata.keys() - {"notes"}, metadata.keys() - known
        if missing or unknown:
            said = [f"missing {', '.join(sorted(missing))}"] if missing else []
            said += [f"unknown {', '.join(sorted(unknown))}"] if unknown else []
            raise AhasdError(f"trace header: {'; '.join(said)}")
    return version


def common_fields(metadata: Mapping[str, str], kind: type, supported: int) -> dict[str, Any]:
    """Read the fields that all headers of written texts have; parameters as in `read_version`.

    Raises
    ------
    AhasdError
        A field is missing, unknown or not a number.
    """
    version = read_version(metadata, kind, supported)
    texts = ("tokenizer_hash", "mode", "prompts", "tool_version", "notes")
    return {name: metadata.get(name, "") for name in texts} | {
        "temperature": number("temperature", metadata.get("temperature", "0"), float),
        "seed": number("seed", metadata.get("seed", "0"), int),
        "format_version": version,
    }


def number(name: str, text: str, kind: Callable[[str], N]) -> N:
    """Read a number of a header.

    Raises
    ------
    AhasdError
        The text is none.
    """
    try:
        return kind(text)
    except ValueError:
        raise AhasdError(f"trace header: {name} is '{text}', not a number") from None
