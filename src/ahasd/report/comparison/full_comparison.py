"""``summary.md`` of every pair, algorithm and system."""

import re
from collections.abc import Callable, Sequence
from statistics import fmean

from ahasd.experiments.cell import Cell
from ahasd.intervals import interval
from ahasd.report.comparison.comparison import joules_text, markdown_table
from ahasd.report.comparison.published import published_ratio
from ahasd.speculation.results import SpeculationResult

#: Systems that ratios are taken to, as the paper's tables do.
REFERENCES = ("npu", "gpu")

Quantity = Callable[[SpeculationResult], float]


def full_summary(cells: Sequence[Cell]) -> str:
    """Ratios over all pairs and algorithms, then each pair's figures, then what cannot run, in Markdown."""
    results = [result for cell in cells for result in cell.results]
    seeds = max((len(cell.results) for cell in cells), default=0)
    lines = ["# Every system, every pair, every algorithm", "", _about(cells, results, seeds), ""]
    readings = list(dict.fromkeys(cell.hardware for cell in cells if cell.system == "npu")) or [""]
    for reading in readings:
        shown = [cell for cell in cells if _belongs(cell, reading, readings)]
        title = f" ({reading})" if len(readings) > 1 else ""
        for reference in REFERENCES:
            if any(cell.system == reference and cell.results for cell in shown):
                lines += [f"## Over `{reference}`{title}", "", markdown_table(*overview(shown, reference))]
        for pair in dict.fromkeys(cell.pair for cell in shown):
            of_pair = [cell for cell in shown if cell.pair == pair]
            lines += [f"## {pair}{title}: tokens/s", "", markdown_table(*pair_rows(of_pair, _speed_text))]
            lines += [
                f"## {pair}{title}: joules per token",
                "",
                markdown_table(*pair_rows(of_pair, joules_text)),
            ]
    refused = refusal_rows(cells)
    if refused:
        lines += ["## What cannot run", "", markdown_table(["system", "hardware", "pair", "why"], refused)]
    lines += ["## Notes", "", *(f"- {note}" for note in _common_notes(results)), ""]
    return "\n".join(lines)


def overview(cells: Sequence[Cell], reference: str) -> tuple[list[str], list[list[str]]]:
    """Head and rows of ratios to a system: mean over pairs and algorithms of means over seeds, smallest and largest.

    The target alone has no algorithm; it is compared with the reference under each. Pairs that the reference or the
    system cannot run are left out, and the last column says how many cells are in.
    """
    head = ["system", "hardware", f"tokens/s / {reference}", "range", "paper"]
    head += [f"J/token / {reference}", "range", "paper", "cells"]
    of_reference = [cell for cell in cells if cell.system == reference and cell.results]
    rows = []
    for system in dict.fromkeys(cell.system for cell in cells):
        own = [cell for cell in cells if cell.system == system]
        matched = [(cell, base) for base in of_reference for cell in own if _matches(cell, base)]
        row = [system, own[0].hardware]
        for quantity, name in ((_speed, "throughput"), (_joules, "energy")):
            ratios = [fmean(seed_ratios(cell, base, quantity)) for cell, base in matched]
            published = published_ratio(own[0].pair, system, reference)
            row += [f"{fmean(ratios):.2f}", f"{min(ratios):.2f} to {max(ratios):.2f}"] if ratios else ["", ""]
            row.append(f"{getattr(published, name):.2f}" if published else "")
        rows.append([*row, str(len(matched))])
    return head, rows


def pair_rows(cells: Sequence[Cell], text: Callable[[Cell], str]) -> tuple[list[str], list[list[str]]]:
    """Head and rows of one pair: a system a row, an algorithm a column, mean and 95 % interval over seeds.

    What cannot run says why in a few words; :func:`refusal_rows` has all of them.
    """
    alone = "none"
    algorithms = list(dict.fromkeys(cell.algorithm for cell in cells if cell.algorithm != alone))
    rows = []
    for system, hardware in dict.fromkeys((cell.system, cell.hardware) for cell in cells):
        row = [system, hardware]
        for algorithm in algorithms or [alone]:
            cell = next(
                cell
                for cell in cells
                if (cell.system, cell.hardware) == (system, hardware) and cell.algorithm in (algorithm, alone)
            )
            row.append(text(cell) if cell.results else _briefly(cell.refused or "not run"))
        rows.append(row)
    return ["system", "hardware", *(algorithms or [alone])], rows


def refusal_rows(cells: Sequence[Cell]) -> list[list[str]]:
    """System, machine, pair and reason of what cannot run, once for all algorithms."""
    reasons = dict.fromkeys(
        (c.system, c.hardware, c.pair, c.refused.replace("|", "\\|")) for c in cells if c.refused
    )
    return [list(reason) for reason in reasons]


def seed_ratios(cell: Cell, base: Cell, quantity: Quantity) -> list[float]:
    """Ratios seed by seed."""
    return [quantity(a) / quantity(b) for a, b in zip(cell.results, base.results, strict=True)]


def _briefly(reason: str) -> str:
    """A refusal without its arithmetic and what to do about it."""
    return re.split("[:;]", reason, maxsplit=1)[0].replace("|", "\\|")


def _speed(result: SpeculationResult) -> float:
    return result.tokens_per_second


def _speed_text(cell: Cell) -> str:
    return interval([result.tokens_per_second for result in cell.results]).text(2)


def _joules(result: SpeculationResult) -> float:
    return result.joules_per_token


def _matches(cell: Cell, base: Cell) -> bool:
    return bool(cell.results) and cell.pair == base.pair and cell.algorithm in (base.algorithm, "none")


def _belongs(cell: Cell, reading: str, readings: Sequence[str]) -> bool:
    return cell.hardware == reading or cell.hardware not in readings


def _about(cells: Sequence[Cell], results: Sequence[SpeculationResult], seeds: int) -> str:
    ranged = any(cell.joules_low for cell in cells)
    tokens = sorted({result.tokens for result in results})
    ran = sum(1 for cell in cells if cell.results)
    stated = {
        cell.algorithm: cell.results[0]
        for cell in cells
        if cell.results and cell.results[0].speculation.drafted
    }
    algorithms = ", ".join(
        f"{r.speculation.algorithm} ({r.speculation.algorithm_provenance})" for r in stated.values()
    )
    return (
        f"{ran} of {len(cells)} cells ran, each with {seeds} seeds and {', '.join(map(str, tokens))} tokens. "
        "Systems that need other hardware than the given run on their own, as the tables say: a ratio between "
        "different machines is one of machines, too. Ratios are taken seed by seed. "
        f"Algorithms: {algorithms or 'none'}."
        + (" In parentheses: joules per token over the ranges of the energy constants." if ranged else "")
    )


def _common_notes(results: Sequence[SpeculationResult]) -> list[str]:
    """Notes, those that many results share first; the pair's name in the first note does not make it another."""
    counts: dict[str, int] = {}
    for result in results:
        for note in result.notes:
            counts[note] = counts.get(note, 0) + 1
    return sorted(counts, key=lambda note: -counts[note])
