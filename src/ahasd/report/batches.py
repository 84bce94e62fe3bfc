"""A benchmark of batches for eyes and for programs."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ahasd.benchmarking.batches import BatchFigures
from ahasd.benchmarking.benchmark import REFERENCE
from ahasd.report.table import Table, left, right

#: From which speed-up on drafting is said to pay: what lies nearer to 1 is noise. Ours.
PAYS_FROM = 1.02


def batches_sentence(figures: Sequence[BatchFigures]) -> str:
    """Say up to which batch drafting pays, by the best method that drafts always."""
    best: dict[int, BatchFigures] = {}
    for each in figures:
        if each.way.method != REFERENCE and each.way.always_draft:
            known = best.get(each.size)
            if known is None or each.speedup.median > known.speedup.median:
                best[each.size] = each
    sizes = sorted(best)
    if not sizes:
        rates = {each.size: each.tokens_per_second.median for each in figures}
        largest = max(rates)
        return f"The target alone writes {rates[largest]:.1f} tokens/s in batches of {largest}; no method drafts."
    paying = [size for size in sizes if best[size].speedup.median >= PAYS_FROM]
    told = "; ".join(
        f"{best[size].speedup.median:.2f}x with {size} ({best[size].way.name})" for size in sizes
    )
    if not paying:
        return f"Drafting does not pay in any of these batches: at best {told}, over the target alone."
    if paying == sizes:
        return f"Drafting pays in all of these batches: at best {told}, over the target alone."
    stops = next((size for size in sizes if size > paying[-1]), None)
    if paying == sizes[: len(paying)] and stops is not None:
        return (
            f"Drafting pays up to batches of {paying[-1]} and no more with {stops}: at best {told}, over the target "
            "alone."
        )
    listed = ", ".join(map(str, paying))
    return f"Drafting pays in batches of {listed} only: at best {told}, over the target alone."


def batches_table(figures: Sequence[BatchFigures]) -> Table:
    """A row for every size and method."""
    columns = (
        *right("batch", least=5),
        *left("method"),
        *right("tokens/s", least=9),
        *right("least–most", least=15),
        *right("over alone", least=10),
        *right("tok/pass", least=9),
        *right("differ", least=7),
    )
    cells, last = [], None
    for each in figures:
        rate = each.tokens_per_second
        cells.append(
            (
                "" if each.size == last else str(each.size),
                each.way.name,
                f"{rate.median:.1f}",
                f"{rate.least:.1f}–{rate.most:.1f}",
                f"{each.speedup.median:.2f}",
                "" if each.tokens_per_pass is None else f"{each.tokens_per_pass:.2f}",
                str(each.differing_texts),
            )
        )
        last = each.size
    return Table(
        columns,
        cells,
        notes=(
            "Tokens of all rows, prefill apart; tok/pass: of a row by pass.",
            "differ: texts that are not those of the target with one prompt at a time.",
        ),
    )


def batches_json(figures: Sequence[BatchFigures]) -> dict[str, Any]:
    """Give everything, with the sentence."""
    return {
        "schema_version": 1,
        "sentence": batches_sentence(figures),
        "batches": [
            asdict(each.way)
            | {
                "size": each.size,
                "tokens_per_second": asdict(each.tokens_per_second),
                "speedup": asdict(each.speedup),
                "tokens_per_pass": each.tokens_per_pass,
                "differing_texts": each.differing_texts,
            }
            for each in figures
        ],
    }
