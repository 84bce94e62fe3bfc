"""The first screen of a run."""

from ahasd.family.result import Result
from ahasd.plain_text import one_line
from ahasd.report.fitted import fitted
from ahasd.report.pictures.columns import Details
from ahasd.report.run.ways import ways_table
from ahasd.report.screen.device_bars import device_bars
from ahasd.report.screen.lines import Line, Span, Terminal
from ahasd.report.screen.spark import means, sparkline
from ahasd.report.text import paragraphs

#: Characters of a sparkline at most (ours).
SPARK = 32


def run_screen(result: Result, details: Details, terminal: Terminal, hint: bool) -> list[Line]:
    """The sentence, what ran, the ways, the devices, what a pass brought, and the first note.

    Parameters
    ----------
    hint
        Whether to say where the rest is.
    """
    width = terminal.width
    lines: list[Line] = [
        (Span(line, "bold"),) for line in paragraphs([one_line(result.verdict.sentence)], width)
    ]
    lines += [(), *((Span(line, "dim"),) for line in paragraphs([one_line(result.title)], width))]
    lines += [(Span(line),) for line in fitted(ways_table(result), width).splitlines()]
    if "tasks" in details:
        bars = device_bars(details["tasks"], result.devices, result.seconds, terminal)
        lines += [(), *bars] if bars else []
    spark = _spark(result, details, terminal)
    lines += [(), spark] if spark else []
    if result.notes:
        lines += [(), *((Span(line),) for line in paragraphs([f"Note: {one_line(result.notes[0])}"], width))]
    if hint:
        left = len(result.notes) - 1
        more = f"{left} more note{'s' if left > 1 else ''} and all figures" if left > 0 else "All figures"
        said = f"{more}: --details. To keep and draw them: --output DIR, then `ahasd report DIR`."
        lines += [(Span(line, "dim"),) for line in paragraphs([said], width)]
    return lines


def _spark(result: Result, details: Details, terminal: Terminal) -> Line:
    """How many drafted tokens passes accepted, or how many of the needed experts were resident."""
    if "passes" in details:
        rows = [one for one in details["passes"].records() if one["needed"]]
        rates = [one["resident"] / one["needed"] for one in rows]
        before, behind = "experts resident ", f" {rates[0]:.0%} to {rates[-1]:.0%}" if rates else ""
        room = min(SPARK, terminal.width - len(before + behind))
        if rates and room > 0:
            text = sparkline(means(rates, room), terminal.blocks, top=1.0)
            return (Span(before), Span(text, "blue"), Span(behind))
    histogram = getattr(getattr(result, "speculation", None), "accepted_histogram", None)
    if histogram and len(histogram) > 1:
        last = max(histogram)
        counts = [float(histogram.get(accepted, 0)) for accepted in range(last + 1)]
        before, behind = "drafts accepted by a pass ", f" 0 to {last}"
        if len(counts) <= min(SPARK, terminal.width - len(before + behind)):
            text = sparkline(counts, terminal.blocks)
            return (Span(before), Span(text, "blue"), Span(behind))
    return ()
