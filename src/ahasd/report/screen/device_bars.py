"""What each device did at the beginning of a run, a line for each."""

from collections.abc import Mapping
from itertools import groupby

from ahasd.family.result import DeviceShares
from ahasd.report.pictures.columns import Columns
from ahasd.report.pictures.runs.gantt import usual_window
from ahasd.report.screen.lines import Line, Span, Terminal
from ahasd.report.text import display_width, paragraphs

#: Fates of work that came to nothing; the letters are of the family's own names.
VAIN = frozenset({"rejected", "flushed", "dropped", "in_flight"})

#: Work that was of use, work that was not, and none: as blocks and in ASCII.
BLOCKS, ASCII = ("█", "▒", "·"), ("#", "x", ".")

#: Colours that people who see few colours tell apart, too.
STYLES = ("blue", "yellow", "dim")

#: Columns of the line of a device for each of its tasks that are shown (ours).
PER_TASK = 2

#: Units of time, the longest first.
UNITS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}

#: Columns of a line at least, and at most (ours).
SHORTEST, LONGEST = 8, 64


def device_bars(
    tasks: Columns, shares: Mapping[str, DeviceShares], seconds: float, terminal: Terminal
) -> list[Line]:
    """A line for each device that worked, and one that says what the marks are.

    Parameters
    ----------
    seconds
        Of the run.
    """
    names = [name for name in shares if any(name in task["device"].split("+") for task in tasks.records())]
    if not names:
        return []
    marks = BLOCKS if terminal.blocks else ASCII
    label = max(map(display_width, names))
    room = min(LONGEST, terminal.width - label - len("  100 %"))
    if room < SHORTEST:
        return []
    window = usual_window(tasks, max(1, room // PER_TASK))
    lines: list[Line] = []
    for name in names:
        classes = _classes(tasks, name, window.end_s, room)
        spans = [Span(f"{name}{' ' * (label - display_width(name))} ")]
        spans += [Span(marks[one] * len(list(same)), STYLES[one]) for one, same in groupby(classes)]
        lines.append((*spans, Span(f" {shares[name].busy:>4.0%}")))
    of = (
        f"{_time(window.end_s)} of {_time(seconds)}; busy over all"
        if window.end_s < seconds
        else _time(seconds)
    )
    legend = [f"{marks[0]} of use"]
    if any(task["fate"] in VAIN for task in tasks.records()):
        legend.append(f"{marks[1]} in vain")
    legend.append(f"{marks[2]} waits")
    said = paragraphs([f"{', '.join(legend)}; {of}."], terminal.width)
    return [*lines, *((Span(line, "dim"),) for line in said)]


def _time(seconds: float) -> str:
    """Four digits, in the largest unit of which it is a tenth at least."""
    unit = next((unit for unit, each in UNITS.items() if seconds >= each / 10), "ns")
    return f"{seconds / UNITS[unit]:.4g} {unit}"


def _classes(tasks: Columns, device: str, end_s: float, room: int) -> list[int]:
    """For each column what the device mostly did: 0 of use, 1 in vain, 2 nothing."""
    step = end_s / room
    time = [[0.0, 0.0] for _ in range(room)]
    for task in tasks.records():
        if device in task["device"].split("+") and task["start_s"] < end_s:
            first = int(task["start_s"] / step)
            for column in range(first, min(room, int(task["end_s"] / step) + 1)):
                inside = min(task["end_s"], (column + 1) * step) - max(task["start_s"], column * step)
                time[column][task["fate"] in VAIN] += max(0.0, inside)
    return [2 if use + vain < step / 2 else int(vain > use) for use, vain in time]
