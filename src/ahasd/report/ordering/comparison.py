"""Every method side by side."""

from ahasd.graph_ordering.outcome import Outcome
from ahasd.report.ordering.sizes import KB
from ahasd.report.table import Table, left, right


def comparison(outcome: Outcome) -> Table:
    """A row per method, the lowest peak first."""
    bound = outcome.bound
    rows = [
        (
            timed.method.value,
            f"{timed.ordering.peak_bytes / KB:,.1f}",
            f"{(timed.ordering.peak_bytes / bound - 1) * 100:.1f} %" if bound else "",
            f"{timed.seconds:.3f}",
            "proved" if timed.ordering.optimal else "",
        )
        for timed in sorted(outcome.compared, key=lambda timed: timed.ordering.peak_bytes)
    ]
    return Table((*left("method"), *right("peak, KB", "over bound", "CPU s"), *left("")), rows)
