"""What the benchmarks print: figure, target, met or not."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value with what it should stay below, or reach."""

    name: str
    value: float
    unit: str
    target: float | None = None
    remark: str = ""
    at_least: float | None = None

    def row(self) -> str:
        """One line of the table."""
        asked, verdict = "", ""
        if self.target is not None:
            asked, verdict = f"<= {self.target:g}", "met" if self.value <= self.target else "NOT MET"
        elif self.at_least is not None:
            asked, verdict = f">= {self.at_least:g}", "met" if self.value >= self.at_least else "NOT MET"
        return (
            f"  {self.name:52} {self.value:10.3f} {self.unit:5} {asked:>8}  {verdict:8}{self.remark}".rstrip()
        )


def show(title: str, figures: Sequence[Figure]) -> None:
    """Print a table; a benchmark reports and never fails."""
    print(f"\n{title}\n  {'':52} {'measured':>10} {'':5} {'target':>8}")
    for figure in figures:
        print(figure.row())
