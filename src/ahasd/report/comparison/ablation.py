"""The ablation as a table, the paper's columns beside ours."""

from collections.abc import Callable, Sequence
from statistics import fmean

from ahasd.experiments.ablation import REFERENCES, STAGES, Ablation
from ahasd.experiments.cell import Cell
from ahasd.intervals import interval
from ahasd.report.comparison.comparison import joules_text, markdown_table, refusals
from ahasd.report.comparison.full_comparison import seed_ratios
from ahasd.report.comparison.published import published_ratio
from ahasd.speculation.results import SpeculationResult

Figure = Callable[[SpeculationResult], float | None]


def ablation_rows(ablation: Ablation) -> tuple[list[str], list[list[str]]]:
    """Head and rows: a figure a row, a reference or a stage a column.

    With several pairs or algorithms the figures are means over them, of those that can run.
    """
    columns = [*REFERENCES, *STAGES]
    head = ["", *REFERENCES, *STAGES.values()]
    rows = [
        ["tokens/s", *(_over(ablation, name, _speed_text, _speed, 2) for name in columns)],
        *_ratios(ablation, columns, "throughput", _speed),
        ["J/token", *(_over(ablation, name, joules_text, _joules, 3) for name in columns)],
        *_ratios(ablation, columns, "energy", _joules),
        [
            "acceptance rate",
            *(
                _mean(ablation, name, lambda r: r.speculation.draft_acceptance_rate, ".3f")
                for name in columns
            ),
        ],
        ["wasted drafts", *(_mean(ablation, name, _wasted_share, ".0%") for name in columns)],
        [
            "wasted drafts per token",
            *(_mean(ablation, name, lambda r: r.speculation.wasted / r.tokens, ".2f") for name in columns),
        ],
        ["J per wasted draft", *(_mean(ablation, name, _joules_wasted, ".3f") for name in columns)],
        ["NPU or GPU idle", *(_mean(ablation, name, _idle("npu", "gpu"), ".1%") for name in columns)],
        ["PIM idle", *(_mean(ablation, name, _idle("pim"), ".1%") for name in columns)],
        ["power, W", *(_mean(ablation, name, lambda r: r.average_power_w, ".2f") for name in columns)],
        [
            "tokens per Wh",
            *(_mean(ablation, name, lambda r: r.energy_report.tokens_per_wh, ".0f") for name in columns),
        ],
        [
            "minutes per Wh",
            *(_mean(ablation, name, lambda r: r.energy_report.minutes_per_wh, ".1f") for name in columns),
        ],
    ]
    return head, rows


def ablation_markdown(ablation: Ablation) -> str:
    """The table with what it is of, what cannot run, and notes."""
    ran = [cell for cell in ablation.cells if cell.results]
    pairs = ", ".join(dict.fromkeys(cell.pair for cell in ablation.cells))
    drafting = [cell.results[0] for cell in ran if cell.results[0].speculation.drafted]
    algorithms = ", ".join(
        dict.fromkeys(f"{r.speculation.algorithm} ({r.speculation.algorithm_provenance})" for r in drafting)
    )
    machines = ", ".join(dict.fromkeys(cell.hardware for cell in ablation.cells))
    notes = dict.fromkeys(note for cell in ran for result in cell.results for note in result.notes)
    lines = [
        "# Ablation",
        "",
        f"{pairs}; {algorithms}; on {machines}.",
        "",
        markdown_table(*ablation_rows(ablation)),
    ]
    lines += [
        "The rows `paper` are means over three pairs and four algorithms (arXiv 2604.25326); its energy efficiency "
    ]
    lines[-1] += (
        "is written as energy per token. Idle is time without work; waiting for something shared is not idle."
    )
    lines += ["", *(f"- {text}" for text in [*refusals(ablation.cells), *notes]), ""]
    return "\n".join(lines)


def _ratios(
    ablation: Ablation, columns: Sequence[str], name: str, quantity: Callable[[SpeculationResult], float]
) -> list[list[str]]:
    rows = []
    for reference in REFERENCES:
        bases = {(cell.pair, cell.algorithm): cell for cell in ablation.of(reference) if cell.results}
        if not bases:
            continue
        ours, papers = [f"{name} / {reference}"], ["paper"]
        for system in columns:
            matched = [c for c in ablation.of(system) if c.results and (c.pair, c.algorithm) in bases]
            ratios = [seed_ratios(cell, bases[cell.pair, cell.algorithm], quantity) for cell in matched]
            ours.append(_spread(ratios, 2))
            published = published_ratio(ablation.cells[0].pair, system, reference)
            papers.append(f"{getattr(published, name):.2f}" if published else "")
        rows += [ours, papers]
    return rows


def _over(
    ablation: Ablation,
    system: str,
    single: Callable[[Cell], str],
    quantity: Callable[[SpeculationResult], float],
    digits: int,
) -> str:
    cells = [cell for cell in ablation.of(system) if cell.results]
    if len(cells) == 1:
        return single(cells[0])
    return _spread([[quantity(result) for result in cell.results] for cell in cells], digits)


def _spread(cells: Sequence[Sequence[float]], digits: int) -> str:
    """Mean and interval over the seeds of one cell, or mean, least and largest of several cells' means."""
    if not cells:
        return ""
    if len(cells) == 1:
        return interval(cells[0]).text(digits)
    means = [fmean(values) for values in cells]
    return f"{fmean(means):.{digits}f} ({min(means):.{digits}f} to {max(means):.{digits}f})"


def _mean(ablation: Ablation, system: str, figure: Figure, form: str) -> str:
    values = [figure(result) for cell in ablation.of(system) for result in cell.results]
    known = [value for value in values if value is not None]
    return format(fmean(known), form) if known else ""


def _speed_text(cell: Cell) -> str:
    return interval([result.tokens_per_second for result in cell.results]).text(2)


def _speed(result: SpeculationResult) -> float:
    return result.tokens_per_second


def _joules(result: SpeculationResult) -> float:
    return result.joules_per_token


def _joules_wasted(result: SpeculationResult) -> float | None:
    return result.speculation.joules_per_wasted_token


def _wasted_share(result: SpeculationResult) -> float | None:
    return result.speculation.wasted / result.speculation.drafted if result.speculation.drafted else None


def _idle(*devices: str) -> Figure:
    def share(result: SpeculationResult) -> float | None:
        return next((result.devices[name].idle for name in devices if name in result.devices), None)

    return share
