"""A trace in numbers, for people."""

from ahasd.report.fitted import fitted
from ahasd.report.table import Table, left
from ahasd.traces.rollout.rollout import RolloutTrace
from ahasd.traces.rollout.statistics import summarize


def trace_text(trace: RolloutTrace) -> str:
    """Lay out what a trace holds."""
    numbers = summarize(trace)
    header = numbers.header
    auc = "-" if numbers.auc_low_entropy is None else f"{numbers.auc_low_entropy:.3f}"
    quantiles = ", ".join(f"{share:.0%} {value:.2f}" for share, value in numbers.entropy_quantiles.items())
    head = "none (SpecDec++ fits a predictor on held-out prompts)"
    if numbers.predicted_mean is not None:
        said = "-" if numbers.auc_predicted is None else f"{numbers.auc_predicted:.3f}"
        head = f"AUC {said}; mean prediction {numbers.predicted_mean:.3f}"
    rows = {
        "draft -> target": f"{header.draft} -> {header.target}",
        "mode": f"{header.mode}, temperature {header.temperature:g}, seed {header.seed}",
        "prompts from": header.prompts,
        "recorded by": header.tool_version,
        "notes": header.notes or "-",
        "positions": f"{numbers.positions} in {numbers.prompts} prompts, {numbers.steps} drafted tokens each",
        "acceptance": f"{numbers.acceptance_first:.3f} at the first token, "
        f"{numbers.acceptance_conditional:.3f} over all (expected; {numbers.recorded_acceptance:.3f} recorded)",
        "mean accepted": f"{numbers.mean_accepted:.2f} of {numbers.draft_length}",
        "draft entropy": f"mean {numbers.entropy_mean:.2f} nats; {quantiles}",
        "target entropy": f"mean {numbers.target_entropy_mean:.2f} nats",
        "low entropy -> accepted": f"AUC {auc} (0.5: says nothing)",
        "acceptance head": head,
        "sha256": numbers.sha256,
    }
    said = (
        f"The target accepts {numbers.acceptance_first:.0%} of what the draft proposes, and "
        f"{numbers.mean_accepted:.2f} of {numbers.draft_length} drafted tokens in a row."
    )
    return f"{said}\n\n" + fitted(Table((*left("", least=23), *left("")), list(rows.items())))
