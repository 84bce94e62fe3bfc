"""From documents to systems of speculative decoding."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from ahasd.errors import AhasdError
from ahasd.family.system import SystemFiles
from ahasd.invalid_values import explain
from ahasd.speculation.options.system import KINDS, AnySystem

#: Fields of a system in ``config.json`` of schema 1, which had those of every kind there was then.
_SCHEMA_1 = frozenset().union(
    *(KINDS[name].model_fields for name in ("autoregressive", "serial", "pearl", "asynchronous"))
) - {"family", "default_hardware"}


def parse_system(document: Mapping[str, Any]) -> AnySystem:
    """Read a system; ``schedule`` says of which kind it is.

    A document of schema 1 has the options of all kinds: those of other kinds, which never had an effect, are left.

    Raises
    ------
    AhasdError
        It is none; the message names the field and, for an option of another kind, the kinds that have it.
    """
    known = {f"system.{name}" for kind in KINDS.values() for name in kind.model_fields}
    unknown = [f"system.{name}" for name in document if f"system.{name}" not in known]
    if unknown:
        close = get_close_matches(unknown[0], known, n=1)
        raise AhasdError(f"unknown key '{unknown[0]}'" + (f" (did you mean '{close[0]}'?)" if close else ""))
    schedule = document.get("schedule")
    if schedule is None:
        raise AhasdError("'system.schedule' is missing")
    if schedule not in KINDS:
        raise AhasdError(f"system.schedule is {schedule!r}; it must be one of {', '.join(KINDS)}")
    kind = KINDS[schedule]
    if document.keys() >= _SCHEMA_1:
        document = {name: value for name, value in document.items() if name in kind.model_fields}
    for name in document:
        reason = kind.why_no_option(name)
        if reason is not None:
            raise AhasdError(reason)
    try:
        return kind.model_validate(document)
    except ValidationError as error:
        raise AhasdError(explain(error, "system.")) from error


#: The built-in systems.
SYSTEMS: SystemFiles[AnySystem] = SystemFiles("ahasd.speculation", parse_system)
