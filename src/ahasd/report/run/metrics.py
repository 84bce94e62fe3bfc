"""``metrics.txt``: a result for people."""

from collections.abc import Mapping

from ahasd.family.result import Result
from ahasd.plain_text import one_line
from ahasd.report.fitted import indented
from ahasd.report.table import Table, left
from ahasd.report.text import UNLIMITED, known_width, paragraphs, prose_width


def metrics_text(result: Result, width: int | None = UNLIMITED) -> str:
    """Lay a result out as text: what is best here, then what ran and all its figures.

    Parameters
    ----------
    width
        Columns of the terminal; of that which there is, if None, and without limit in a pipe.
    """
    columns = UNLIMITED if width == UNLIMITED or known_width() is None else prose_width()
    said = [one_line(result.verdict.sentence)], [one_line(result.title)]
    lines = [line for text in said for line in (*paragraphs(text, columns), "")]
    for heading, rows in result.groups().items():
        lines += _group(heading, rows, width)
    lines += [
        *_group("Energy", _energy(result), width),
        *_group(
            "Devices",
            {
                name: f"busy {shares.busy:6.1%}   idle {shares.idle:6.1%}   blocked {shares.blocked:6.1%}"
                for name, shares in result.devices.items()
            },
            width,
        ),
        *[f"Note: {one_line(note)}" for note in result.notes],
    ]
    return "\n".join(lines) + "\n"


def _energy(result: Result) -> dict[str, str]:
    report = result.energy_report
    if report is None:
        return {"not known": "the hardware's power is not published; --set gives it"}
    rows = {"average power": f"{result.average_power_w:.2f} W"}
    if report.tokens_per_wh is not None and report.minutes_per_wh is not None:
        rows["on a battery"] = f"{report.tokens_per_wh:.0f} tokens, {report.minutes_per_wh:.1f} min per Wh"
    rows |= {
        f"{device}, all": f"{energy.dynamic_j + energy.static_j:.3f} J: {energy.dynamic_j:.3f} J of work, "
        f"{energy.static_j:.3f} J at rest"
        for device, energy in report.by_device.items()
    }
    return rows | {name: f"{joules:.3f} J" for name, joules in result.energy_j.items()}


def _group(heading: str, rows: Mapping[str, str], width: int | None) -> list[str]:
    if not rows:
        return []
    table = Table((*left("", least=23), *left("")), list(rows.items()))
    return [heading, *indented(table, "  ", width).splitlines(), ""]
