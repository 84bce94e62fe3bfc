"""What each device did when, and how long queues were, in a part of a run."""

from ahasd.report.pictures.columns import Columns
from ahasd.report.pictures.figure import Figure
from ahasd.report.pictures.runs.fates import FATES
from ahasd.report.pictures.view import Window

#: Tasks in a window that nobody has chosen, and in any: more are no longer seen (ours).
USUAL_TASKS, MOST_TASKS = 60, 600


def usual_window(tasks: Columns, count: int = USUAL_TASKS) -> Window:
    """The beginning of a run, until so many of its tasks have ended."""
    ends = sorted(tasks.column("end_s"))
    return Window(0.0, ends[min(count, len(ends)) - 1])


def gantt(tasks: Columns, window: Window | None) -> Figure | None:
    """A bar for each task, a line for each device; None where nothing was done in the window."""
    if not tasks.rows:
        return None
    shown = usual_window(tasks) if window is None else window
    rows = []
    for task in tasks.records():
        start, end = max(task["start_s"], shown.start_s), min(task["end_s"], shown.end_s)
        if start < end:
            rows.append((task["device"], task["kind"], task["fate"] or "work", start, end))
    left_out = max(0, len(rows) - MOST_TASKS)
    rows = rows[:MOST_TASKS]
    if not rows:
        return None
    fates = [fate for fate in FATES if fate in {row[2] for row in rows}]
    until = (
        f"{shown.end_s:.4g} s" if not left_out else f"{rows[-1][4]:.4g} s, {left_out} later tasks left out"
    )
    return Figure(
        "timeline",
        "What each device did when",
        f"Tasks from {shown.start_s:.4g} s to {until}, coloured by what became of the work.",
        Columns.of(("device", "task", "fate", "start_s", "end_s"), rows),
        {
            "height": {"step": 46},
            "mark": {"type": "bar", "height": 30, "stroke": "#ffffff", "strokeWidth": 0.6},
            "encoding": {
                "x": {
                    "field": "start_s",
                    "type": "quantitative",
                    "title": "seconds of simulated time",
                    "scale": {"domain": [shown.start_s, shown.end_s], "nice": False},
                },
                "x2": {"field": "end_s"},
                "y": {"field": "device", "type": "nominal", "title": None, "sort": None},
                "color": {
                    "field": "fate",
                    "type": "nominal",
                    "title": None,
                    "scale": {"domain": fates, "range": [FATES[fate] for fate in fates]},
                    "legend": {"columns": 4},
                },
            },
        },
        wide=True,
    )


def queue_depth(queues: Columns, window: Window | None, tasks: Columns | None) -> Figure | None:
    """Entries of each queue over the same window; None where none held anything."""
    if window is None and tasks is not None and tasks.rows:
        window = usual_window(tasks)
    last = max(queues.column("time_s"), default=0.0)
    shown = window if window is not None else Window(0.0, last or 1.0)
    rows: list[tuple[str, float, int]] = []
    for name in dict.fromkeys(queues.column("queue")):
        changes = [(time, entries) for queue, time, entries in queues.rows if queue == name]
        before = [entries for time, entries in changes if time <= shown.start_s]  # type: ignore[operator]
        inside = [(time, entries) for time, entries in changes if shown.start_s < time <= shown.end_s]  # type: ignore[operator]
        depth = before[-1] if before else 0
        steps = [(shown.start_s, depth), *inside]
        if any(entries for _, entries in steps):
            steps.append((shown.end_s, steps[-1][1]))
            rows += [(name, time, entries) for time, entries in steps]  # type: ignore[misc]
    if not rows:
        return None
    most = max(entries for _, _, entries in rows)
    return Figure(
        "queues",
        "Entries in the queues",
        "How many entries each queue held over the same time.",
        Columns.of(("queue", "time_s", "entries"), rows),
        {
            "height": 120,
            "mark": {"type": "line", "interpolate": "step-after"},
            "encoding": {
                "x": {
                    "field": "time_s",
                    "type": "quantitative",
                    "title": "seconds of simulated time",
                    "scale": {"domain": [shown.start_s, shown.end_s], "nice": False},
                },
                "y": {
                    "field": "entries",
                    "type": "quantitative",
                    "title": "entries",
                    "axis": {"values": list(range(0, most + 1, 1 + most // 6)), "format": "d"},
                },
                "color": {"field": "queue", "type": "nominal", "title": None},
                "strokeDash": {"field": "queue", "type": "nominal", "title": None},
            },
        },
        wide=True,
    )
