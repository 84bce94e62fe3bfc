"""The record of a run as JSON, in the fields of AMUSD's logs, and tokens over time as a plot of characters."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ahasd.decoding.run_steps import RunSteps

#: What AMUSD calls (method, algorithm); other runs bear both names, so that nobody takes them for these.
STRATEGIES = {
    ("autoregressive", ""): "greedy",
    ("speculative", "fixed:5"): "sd",
    ("async", "amusd"): "amusd",
}

#: Marks of the lines of a plot, in their order.
MARKS = "*o+x#@%&"


def strategy_name(method: str, algorithm: str) -> str:
    """Give AMUSD's name of a strategy, or method and algorithm."""
    return STRATEGIES.get((method, algorithm), f"{method} {algorithm}".rstrip())


def step_log(steps: RunSteps, sample_index: int = 0) -> dict[str, Any]:
    """Give an entry of a run log: seconds, tokens, and the timeline that AMUSD's own logs have not."""
    if steps.method == "autoregressive":
        metrics: dict[str, Any] = {"token_times": steps.verify_times}
    else:
        metrics = {
            "draft_times": steps.draft_times,
            "verify_times": steps.verify_times,
            "accepted_tokens": steps.accepted_tokens,
        }
    return {
        "sample_index": sample_index,
        "strategy": strategy_name(steps.method, steps.algorithm),
        "metrics": metrics
        | {
            "total_time": steps.total_time,
            "tokens_generated": steps.tokens_generated,
            "time_per_token": steps.total_time / max(1, steps.tokens_generated),
        },
        "timeline": [asdict(step) for step in steps.timeline],
        "tokens_over_time": steps.tokens_over_time,
    }


def tokens_plot(lines: Mapping[str, Sequence[tuple[float, int]]], width: int = 64, height: int = 16) -> str:
    """Draw tokens (upwards) over seconds (to the right), a mark for each line; the legend stands below.

    Parameters
    ----------
    lines
        {name: (seconds, tokens by then)}, at most as many as there are marks.
    width, height
        Of the area, in characters.
    """
    longest = max((points[-1][0] for points in lines.values() if points), default=0.0)
    most = max((points[-1][1] for points in lines.values() if points), default=0)
    if not longest or not most:
        return "no tokens\n"
    area = [[" "] * width for _ in range(height)]
    for mark, points in zip(MARKS, lines.values(), strict=False):
        for seconds, tokens in points:
            column = min(width - 1, int(seconds / longest * width))
            row = height - 1 - min(height - 1, int((tokens - 1) / most * height))
            area[row][column] = mark
    label = max(len(str(most)), len("tokens"))
    heads = [str(most), *[""] * (height - 2), "0"]
    rows = [f"{head:>{label}} |{''.join(cells).rstrip()}" for head, cells in zip(heads, area, strict=True)]
    ticks = f"{'':>{label}} 0{f'{longest:.2f} s':>{width}}"
    legend = [f"  {mark} {name}" for mark, name in zip(MARKS, lines, strict=False)]
    return "\n".join([f"{'tokens':>{label}}", *rows, f"{'':>{label}} +{'-' * width}", ticks, *legend]) + "\n"
