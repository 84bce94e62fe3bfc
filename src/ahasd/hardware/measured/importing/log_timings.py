"""Timings as llama.cpp prints them into logs."""

import re
from dataclasses import dataclass

from ahasd.hardware.measured.importing.log_text import LogText

#: "eval time = 756.39 ms / 15 runs", also with "tokens", behind any beginning of a line; and its torn forms.
_TIMED = re.compile(r"(prompt )?eval time = +([\d.]+) ms / +(\d+) (runs|tokens)\b")
_BEGUN = re.compile(r"\beval time\b *=")


@dataclass(frozen=True, slots=True)
class Timing:
    """A line.

    Attributes
    ----------
    line
        Where it stands.
    prompt
        Whether it is of passes of several rows (prompts, and in contexts that verify, verifications).
    ms
        All of them together.
    count
        Passes of one row, or tokens.
    """

    line: int
    prompt: bool
    ms: float
    count: int


def timings(log: LogText) -> list[Timing]:
    """Every timing of a log.

    Raises
    ------
    AhasdError
        A line begins as one and does not go on as one.
    """
    found = []
    for number, line in enumerate(log.lines, start=1):
        if not _BEGUN.search(line):
            continue
        timed = _TIMED.search(line)
        if timed is None:
            raise log.torn(number, "'eval time = 756.39 ms / 15 runs'")
        found.append(Timing(number, timed[1] is not None, float(timed[2]), int(timed[3])))
    return found


def counter(log: LogText, name: str) -> int:
    """The whole number of a line such as ``n_drafted = 22``.

    Raises
    ------
    AhasdError
        The line is torn or not there.
    """
    for number, line in enumerate(log.lines, start=1):
        if re.search(rf"\b{name}\b *=", line):
            said = re.search(rf"\b{name} *= *(\d+)\s*$", line)
            if said is None:
                raise log.torn(number, f"'{name} = 22'")
            return int(said[1])
    raise log.fail(
        len(log.lines),
        f"the log ends without '{name} ='; did the program end early, or is it another version's?",
    )
