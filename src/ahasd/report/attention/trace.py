"""An attention trace in numbers, for people."""

from ahasd.report.fitted import fitted
from ahasd.report.table import Table, left
from ahasd.traces.attention.statistics import attention_statistics
from ahasd.traces.attention.trace import AttentionTrace


def attention_trace_text(trace: AttentionTrace) -> str:
    """Lay out what an attention trace holds."""
    numbers, header = attention_statistics(trace), trace.header
    heads = f"{numbers.dense} read everything, {numbers.paged} choose pages, {numbers.streaming} stream"
    shared = "share pages" if trace.shared else "choose pages each for itself"
    rows = {
        "model": header.model,
        "mode": f"{header.mode}, temperature {header.temperature:g}, seed {header.seed}",
        "prompts from": header.prompts,
        "recorded by": header.tool_version,
        "notes": header.notes or "-",
        "steps": f"{trace.steps} in {len(trace.prompt_start) - 1} prompts, contexts of {trace.context.min()} to "
        f"{trace.context.max()} tokens",
        "heads": f"{heads} (of {trace.layers} layers of {trace.heads})",
        "queries": f"{header.queries} of a head {shared}",
        "pages": f"of {header.page} tokens, {header.budget} tokens chosen; {header.sink} first and {header.recent} "
        "last ones are read in any case",
        "chosen": f"{_share(numbers.chosen)} of the pages between which is chosen",
        "chosen again": f"{_share(numbers.again)} at the next step ({_share(numbers.alone)} if drawn anew)",
        "ever chosen": f"{_share(numbers.touched)} of these pages by a head, over all steps",
        "sha256": trace.sha256,
    }
    said = (
        "No head of this trace could choose pages."
        if numbers.chosen is None
        else f"A head that chooses pages reads {numbers.chosen:.0%} of those between the first and the last tokens"
        + ("." if numbers.again is None else f", and {numbers.again:.0%} of them again at the next step.")
    )
    return f"{said}\n\n{fitted(Table((*left('', least=18), *left('')), list(rows.items())))}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"
