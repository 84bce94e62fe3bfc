"""A tree trace in numbers, for people."""

from ahasd.report.fitted import fitted
from ahasd.report.table import Table, left
from ahasd.speculation.trees.growing.best_first import grow
from ahasd.traces.tree.statistics import accuracy, chain_acceptance, early_recall, within
from ahasd.traces.tree.trace import TreeTrace

#: Sizes of which the expected tokens are shown, Medusa's 63 the last.
SIZES = (4, 8, 16, 32, 63)


def tree_trace_text(trace: TreeTrace) -> str:
    """Lay out what a trace holds."""
    header, shares = trace.header, within(trace)
    grown = grow(accuracy(trace).tolist(), max(SIZES)).gains
    expected = {size: grown[min(size, len(grown) - 1)] for size in SIZES}
    rows = {
        "heads -> target": f"{header.heads} -> {header.model}",
        "mode": f"{header.mode}, temperature {header.temperature:g}, seed {header.seed}",
        "prompts from": header.prompts,
        "recorded by": header.tool_version,
        "notes": header.notes or "-",
        "points": f"{trace.positions} in {trace.prompts} prompts, {trace.heads} heads of {trace.top} candidates",
    }
    for head, share in enumerate(shares.tolist(), start=1):
        tops = sorted({1, 2, 5, 10, trace.top})
        said = ", ".join(f"top {k} {share[k - 1]:.3f}" for k in tops if k <= trace.top)
        rows[f"head {head} right in its"] = said
    rows |= {
        "first candidates right": f"{chain_acceptance(trace):.2f} in a row",
        "expected tokens": ", ".join(f"{tokens:.2f} with {size}" for size, tokens in expected.items())
        + " nodes (heads independent)",
    }
    for place, layer in enumerate(header.early_layers):
        recall = early_recall(trace, place, trace.early_top)
        rows[f"after layer {layer}"] = f"{recall:.1%} of the text's tokens in its first {trace.early_top}"
    rows["sha256"] = trace.sha256
    said = (
        f"The first head's first guess is right {shares[0, 0]:.0%} of the time, and a tree of {SIZES[2]} nodes is "
        f"expected to bring {expected[SIZES[2]]:.2f} tokens a pass."
    )
    return f"{said}\n\n" + fitted(Table((*left("", least=23), *left("")), list(rows.items())))
