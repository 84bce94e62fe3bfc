"""Fit what no datasheet says on the published record, and judge it on sources that the fit did not see.

    python scripts/fit_field.py tests/reference/field/speculation.csv

prints the figures of src/ahasd/prediction/from_figures/fitted.yaml. Coordinate search on the mean absolute logarithm
of predicted over published, each source with the square root of its rows as weight, every row at most CAP, and a
small penalty on the distance from a first guess, so that what the rows do not say stays where it was.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from math import copysign, exp, log
from pathlib import Path
from statistics import fmean, median
from typing import Any

from ahasd.prediction.from_figures.fitted import Fitted
from ahasd.prediction.from_figures.platforms import PLATFORMS
from ahasd.prediction.from_figures.round_cost import round_cost
from ahasd.prediction.from_figures.setting import Setting
from ahasd.prediction.from_figures.spread import interval_of
from ahasd.validation.field.published_run import SPECIFICATION, setting_of
from ahasd.validation.field.scores import PredictedRun, scores
from ahasd.validation.field.sources import project_of
from ahasd.validation.table import read_table

CAP = 0.7
PENALTY = 0.002
ROUNDS = 18
#: Rows of the heads that Qwen3.6 and 3.8 bring, without an acceptance: that which other rows report for the same
#: heads by draft length, with less weight.
HEADS = ("qwen3.6-", "qwen3.8-")
HEAD_ACCEPTANCE = {1: 0.78, 2: 0.78, 3: 0.72, 4: 0.65, 5: 0.57, 6: 0.47, 8: 0.34}
LESS = 0.6

#: First guesses: slopes of the kernels' own measurements; of the rest the order of magnitude.
START = Fitted(
    row_slope={
        "cuda": 0.13,
        "hip": 0.15,
        "vulkan": 0.21,
        "metal": 0.4,
        "mlx": 0.21,
        "cpu": 0.23,
        "npu": 0.0024,
        "pytorch": 0.05,
        "eager": 0.05,
    },
    byte_format_slope=0.6,
    draft_step_s=3e-3,
    head_step_s=0.5e-3,
    head_share=1.0,
    block_share=0.385,
    round_s=1e-3,
    expert_share=0.6,
    expert_growth=0.75,
    likeliest_token=0.9,
    copy_share=0.3,
    skip_share=0.3,
    state_copy_s=40e-3,
)
#: Not fitted: NPU (no baseline in the record) and PyTorch in half precision, whose kernel has no slope; block
#: drafters: median of three programs, of which one is 7 times another.
FIXED = {"npu", "pytorch", "eager", "block_share"}


@dataclass(frozen=True)
class Sample:
    """A row."""

    name: str
    source: str
    setting: Setting
    published: float
    judged: bool


def samples(path: Path) -> list[Sample]:
    """The rows that can be predicted, and those that a usual acceptance makes so (for the fit alone)."""
    found = []
    for row in read_table(path, (*SPECIFICATION, "speedup", "source", "id")):
        if not row.texts["speedup"]:
            continue
        setting = setting_of(row)
        judged = setting.acceptance is not None or setting.tokens_per_pass is not None
        if not judged:
            head = setting.method == "mtp" and setting.target.name.lower().startswith(HEADS)
            length = int(setting.draft_length or (1 if setting.platform == "mlx" else 3))
            if not head or length not in HEAD_ACCEPTANCE:
                continue
            setting = replace(setting, acceptance=HEAD_ACCEPTANCE[length], draft_length=float(length))
        found.append(
            Sample(row.texts["id"], project_of(row.texts["source"]), setting, row.number("speedup"), judged)
        )
    return found


def residual(sample: Sample, figures: Fitted) -> float:
    """Logarithm of predicted over published."""
    cost = round_cost(sample.setting, figures)
    assert cost is not None
    return log(cost.speed_up / sample.published)


def flat(figures: Fitted) -> dict[str, float]:
    """Every fitted number by name."""
    values = asdict(figures)
    slopes = values.pop("row_slope")
    return {name: value for name, value in (values | slopes).items() if name not in FIXED}


def with_value(figures: Fitted, name: str, value: float) -> Fitted:
    """The figures with one of them changed."""
    for platform in PLATFORMS:
        if platform == name:
            return replace(figures, row_slope=figures.row_slope | {platform: value})
    changed: dict[str, Any] = {name: value}
    return replace(figures, **changed)


def moved(name: str, value: float, step: float) -> float:
    """A value moved by a factor, shares kept shares."""
    if name == "likeliest_token":
        return min(max(1 - (1 - value) * exp(step), 0.8), 0.97)
    value *= exp(step)
    return min(value, 0.95) if name in ("copy_share", "expert_share") else value


def fit(rows: Sequence[Sample]) -> Fitted:
    """The figures that describe these rows best."""
    count = Counter(row.source for row in rows)
    weights = [count[row.source] ** -0.5 * (1.0 if row.judged else LESS) for row in rows]
    start = flat(START)

    def loss(figures: Fitted) -> float:
        errors: float = sum(
            weight * min(abs(residual(row, figures)), CAP) for weight, row in zip(weights, rows, strict=True)
        )
        away: float = sum(log(value / start[name]) ** 2 for name, value in flat(figures).items())
        return float(errors / sum(weights) + PENALTY * away)

    figures, best = START, loss(START)
    steps = dict.fromkeys(start, 0.4)
    for _ in range(ROUNDS):
        for name in start:
            for sign in (1, -1):
                other = with_value(
                    figures, name, moved(name, flat(figures)[name], copysign(steps[name], sign))
                )
                if (now := loss(other)) < best - 1e-7:
                    figures, best = other, now
                    break
            else:
                steps[name] *= 0.6
    return figures


def left_out(rows: Sequence[Sample]) -> list[tuple[Sample, float]]:
    """Each judged row with its residual under a fit without its source."""
    found = []
    for source in dict.fromkeys(row.source for row in rows if row.judged):
        figures = fit([row for row in rows if row.source != source])
        found += [(row, residual(row, figures)) for row in rows if row.source == source and row.judged]
    return found


def run_of(sample: Sample, mean: float) -> PredictedRun:
    """A prediction with the interval that the package gives it."""
    low, high = interval_of(mean, sample.setting)
    return PredictedRun(sample.published, mean, low, high)


def _rounded(value: float | dict[str, float]) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {each:.3g}" for name, each in value.items()) + "}"
    return f"{value:.3g}"


def main() -> None:
    """Print the figures and what they miss."""
    rows = samples(Path(sys.argv[1]))
    figures = fit(rows)
    judged = [row for row in rows if row.judged]
    out = left_out(rows)
    by_source = Counter(row.source for row in judged)
    print("left out:", scores([run_of(row, row.published * exp(miss)) for row, miss in out]))
    for title, pairs in (("fitted", [(row, residual(row, figures)) for row in judged]), ("left out", out)):
        errors = [abs(exp(miss) - 1) for _, miss in pairs]
        print(f"{title}: {len(errors)} rows, mean error {fmean(errors):.3f}, median {median(errors):.3f}")
    print(f"published over predicted on sources left out: median {exp(-median(miss for _, miss in out)):.3f}")
    for source in by_source:
        misses = [miss for row, miss in out if row.source == source]
        print(f"  {source}: {len(misses)} rows, left out {median(misses):+.2f}")
    for name, value in asdict(figures).items():
        print(f"{name}: {_rounded(value)}")
    if "--rows" in sys.argv:
        for row, miss in out:
            print(
                row.name,
                row.source[-20:],
                row.setting.platform,
                row.setting.method,
                row.published,
                f"fitted {row.published * exp(residual(row, figures)):.2f} left out {row.published * exp(miss):.2f}",
            )


if __name__ == "__main__":
    main()
