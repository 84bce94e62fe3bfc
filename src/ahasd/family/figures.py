"""The one check that no impossible figure leaves a result, whatever the family and wherever it comes from."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from ahasd.errors import AhasdError

#: Parts of a result that repeat what was asked for, and may be anything.
ASKED = frozenset({"options", "reproduce", "placement"})


def check_figures(figures: Mapping[str, Any], notes: list[str]) -> None:
    """See that all figures of a result are finite and not negative.

    Parameters
    ----------
    figures
        The result's fields, by name.
    notes
        Of the result, which say what was changed.

    Raises
    ------
    AhasdError
        One is not; the message names it and what was changed.
    """
    for name, value in _numbers({key: value for key, value in figures.items() if key not in ASKED}, ""):
        if not math.isfinite(value) or value < 0:
            changed = [note for note in notes if note.startswith("changed: ")]
            why = f" ({'; '.join(changed)})" if changed else ""
            raise AhasdError(
                f"the run comes to an impossible figure: {name} is {value:g}, and nothing here is below 0 or without "
                f"end{why}; some constant of the hardware is far from any machine's, or two do not go together"
            )


def _numbers(value: Any, name: str) -> Iterator[tuple[str, float]]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _numbers(part, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _numbers(part, name)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield name, value
