"""YAML texts, read by libyaml where PyYAML has it, in a tenth of the time."""

import re
from typing import Any

import yaml

from ahasd.errors import AhasdError
from ahasd.text_files import MOST_DIGITS

_FAST_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

#: Levels of a user's document at most; ours have four (ours).
MOST_LEVELS = 50

#: Aliases in a user's document at most. Each may stand for all that is before it, so that eight make at most 2^4 of
#: a document, and a few dozen gigabytes; no document of ours has one (ours).
MOST_ALIASES = 8

#: Plain numbers that YAML 1.1 takes for others than they look: 1_000, 010 (8), 1:30 (90).
_DECEIVING = re.compile(r"[-+]?(\d[\d.]*_[\d_.]*|0\d+|\d+(:\d+)+(\.\d*)?)")


def read_yaml(text: str) -> Any:
    """Parse a YAML text of plain values that comes with the package.

    Raises
    ------
    yaml.YAMLError
        It is not YAML.
    """
    try:
        return yaml.load(text, _FAST_LOADER)
    except yaml.YAMLError:
        return yaml.safe_load(text)  # the same error, and it shows the line


def parse_yaml(text: str, where: str) -> Any:
    """Parse a user's YAML text of plain values.

    Parameters
    ----------
    where
        What to call the text in an error.

    Raises
    ------
    AhasdError
        It is not YAML; is nested or repeats itself beyond what a document does; or holds a number that cannot be
        meant, or that YAML takes for another than it looks.
    """
    try:
        _check(text, where)
        return read_yaml(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        at = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise AhasdError(f"{where} is not valid YAML: {at}{error.problem}") from error
    except yaml.YAMLError as error:
        raise AhasdError(f"{where} is not valid YAML: {error}") from error
    except (ValueError, OverflowError, RecursionError) as error:  # an impossible date, say
        raise AhasdError(f"{where} is not valid YAML: {error}") from error


def _check(text: str, where: str) -> None:
    """Look at the parts of a text one by one, before anything is built of them."""
    level = aliases = 0
    for event in yaml.parse(text, _FAST_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            level += 1
            if level > MOST_LEVELS:
                raise AhasdError(f"{where} is nested more than {MOST_LEVELS} levels deep")
        elif isinstance(event, yaml.CollectionEndEvent):
            level -= 1
        elif isinstance(event, yaml.AliasEvent):
            aliases += 1
            if aliases > MOST_ALIASES:
                raise AhasdError(
                    f"{where} has more than {MOST_ALIASES} aliases (*{event.anchor}); write them out"
                )
        elif isinstance(event, yaml.ScalarEvent) and event.implicit[0]:
            line = event.start_mark.line + 1 if event.start_mark else 1
            if _DECEIVING.fullmatch(event.value):
                raise AhasdError(
                    f"{where}, line {line}: YAML takes {event.value} for another number than it "
                    "looks; write plain digits, or quotes around a text"
                )
            if event.value.isdecimal() and len(event.value) > MOST_DIGITS:
                raise AhasdError(
                    f"{where}, line {line}: a number of {len(event.value)} digits; at most "
                    f"{MOST_DIGITS} are read"
                )
