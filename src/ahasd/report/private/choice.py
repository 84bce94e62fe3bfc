"""Chosen widths beside equal and greedy ones, and the frontier."""

from collections.abc import Sequence
from typing import Any

from ahasd.private_inference.network.layer import Network
from ahasd.private_inference.network.widths import shortened
from ahasd.private_inference.precision.budget import Compared
from ahasd.private_inference.running.shipped import Accuracy
from ahasd.report.fitted import fitted
from ahasd.report.private.sizes import bar, said_bytes, said_seconds
from ahasd.report.table import Table, left, right
from ahasd.report.text import paragraphs


def choice_text(
    network: Network,
    found: Compared,
    unit: str,
    source: str,
    frontier: Sequence[Compared] = (),
    accuracies: Sequence[Accuracy] = (),
) -> str:
    """For a terminal; `unit` is "bytes" or "seconds"."""
    ways = {"equal widths": found.uniform, "greedy": found.greedy, "optimum": found.exact}
    rows = [
        [way, *((_said(each.cost, unit), f"{each.error:.4g}") if each else ("", "none fits"))]
        for way, each in ways.items()
    ]
    lines = [
        *paragraphs([_sentence(network, found, unit)]),
        "",
        fitted(Table((*left(""), *right("cost", "error")), rows)).rstrip("\n"),
        "",
        fitted(Table(left("layer", "widths"), _widths(network, found))).rstrip("\n"),
    ]
    if frontier:
        lines += ["", fitted(_frontier(frontier, unit)).rstrip("\n")]
    if accuracies:
        lines += ["", fitted(_accuracy(accuracies)).rstrip("\n")]
    chosen = f"Plan it with --widths {shortened(found.exact.widths).lower()}"
    return "\n".join([*lines, "", *paragraphs([f"Errors: {source}.", chosen])]) + "\n"


def choice_json(network: Network, found: Compared, unit: str, source: str) -> dict[str, Any]:
    """The same for programs."""
    ways = {"uniform": found.uniform, "greedy": found.greedy, "optimum": found.exact}
    return {
        "network": network.name,
        "unit": unit,
        "budget": found.budget,
        "errors": source,
        **{
            way: each and {"widths": shortened(each.widths).lower(), "cost": each.cost, "error": each.error}
            for way, each in ways.items()
        },
    }


def _sentence(network: Network, found: Compared, unit: str) -> str:
    exact, equal = found.exact, found.uniform
    start = f"{network.title}: within {_said(found.budget, unit)} the least error is {exact.error:.4g}"
    if equal is None:
        return f"{start}; no equal widths fit."
    if exact.error == equal.error:
        return f"{start}, that of {equal.widths[0]} in every layer."
    return (
        f"{start}, {equal.error / exact.error:.2f} times less than that of {equal.widths[0]} in every layer."
    )


def _widths(network: Network, found: Compared) -> list[list[str]]:
    return [[layer.name, str(width)] for layer, width in zip(network.layers, found.exact.widths, strict=True)]


def _frontier(frontier: Sequence[Compared], unit: str) -> Table:
    largest = max(each.exact.error for each in frontier)
    rows = [
        [
            _said(each.budget, unit),
            f"{each.uniform.error:.4g}" if each.uniform else "",
            f"{each.exact.error:.4g}",
            bar(each.exact.error, largest),
        ]
        for each in frontier
    ]
    return Table((*right("budget", "equal widths", "optimum"), *left("")), rows, "The frontier: least errors")


def _accuracy(accuracies: Sequence[Accuracy]) -> Table:
    rows = [
        [each.way, each.widths, f"{each.bytes:,}" if each.bytes else "", f"{each.share:.1%}"]
        for each in accuracies
    ]
    return Table(
        (*left("", "widths"), *right("bytes", "right")), rows, "Measured, each trained on in its widths"
    )


def _said(cost: float, unit: str) -> str:
    return said_bytes(cost) if unit == "bytes" else said_seconds(cost)
