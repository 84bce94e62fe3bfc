"""Constants that one set of device models alone reads: changing them for the other would change nothing."""

from collections.abc import Iterable
from dataclasses import dataclass

from ahasd.assignments import split_assignment
from ahasd.errors import AhasdError
from ahasd.hardware.fidelity import Fidelity
from ahasd.hardware.preset.hardware import SECTIONS
from ahasd.hardware.preset.only_in import OnlyIn


@dataclass(frozen=True, slots=True)
class OneReader:
    """A constant that one set of device models alone reads, and what it is."""

    fidelity: Fidelity
    description: str


def one_reader(key: str) -> OneReader | None:
    """The only fidelity that reads a constant such as ``"npu.clock_ghz"``; None where both do, or there is none."""
    section, _, name = key.partition(".")
    field = SECTIONS[section].model_fields.get(name) if section in SECTIONS else None
    if field is None:
        return None
    marks = [mark for mark in field.metadata if isinstance(mark, OnlyIn)]
    return OneReader(marks[0].fidelity, field.description or name) if marks else None


def refuse_unread(changes: Iterable[str], fidelity: Fidelity) -> None:
    """Refuse changes of constants that the device models of a run do not read.

    Parameters
    ----------
    changes
        Of the form ``key=value``.
    fidelity
        How the run costs its devices.

    Raises
    ------
    AhasdError
        One of them would change nothing; the message says which models read it.
    """
    for text in changes:
        key, _ = split_assignment(text)
        reader = one_reader(key)
        if reader is not None and reader.fidelity is not fidelity:
            raise AhasdError(
                f"--set {text} would change nothing: {key} ({reader.description}) is read by {reader.fidelity.value} "
                f"costs, and these are {fidelity.value}; run with --fidelity {reader.fidelity.value}, or leave it out"
            )
