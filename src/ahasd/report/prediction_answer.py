"""A prediction's verdict, in the form that plans have: the sentence first, draft lengths as a plot."""

import re

from ahasd.hardware.measured.pass_times import PassTimes
from ahasd.prediction.break_even import BreakEven
from ahasd.prediction.predict import Forecast, Prediction
from ahasd.report.answer import Answer, Pays, answer_text, costs_text
from ahasd.report.interval_bars import Bar, interval_bars

_PAYS: dict[bool | None, Pays] = {True: "yes", False: "no", None: "measure"}


def verdict(prediction: Prediction) -> str:
    """Say in a sentence whether drafting pays here, by what, and from where it would."""
    best = prediction.best
    half = best.speedup.half_width
    emulated = " (emulated latencies)" if prediction.latency else ""
    return answer_text(
        Answer(
            _PAYS[best.pays],
            best.speedup.mean,
            max(0.0, best.speedup.mean - half) if half is not None else None,
            best.speedup.mean + half if half is not None else None,
            f"{best.method} with {best.algorithm}{emulated}",
            prediction.alone.tokens_per_second,
            _costs(prediction, best),
            _break_even(best, prediction.break_even),
        )
    )


def tree_verdict(prediction: Prediction) -> list[str]:
    """Say what a tree of guesses does here, if known, and whether tree, chain or nothing comes first."""
    if not prediction.trees:
        return []
    best = prediction.trees[0]
    words: dict[bool | None, str] = {True: "pays", False: "does not pay", None: "may pay or not"}
    others = max(1.0, prediction.best.speedup.mean)
    first = "the tree"
    if best.speedup.mean <= others:
        first = "nothing" if others == 1.0 else f"{prediction.best.method} with {prediction.best.algorithm}"
    return [
        f"A tree of guesses ({best.tree}, by {best.guesser}) {words[best.pays]}: {best.speedup.text(2)} times "
        f"the target alone, {best.tokens_per_pass:.2f} tokens a pass over {best.nodes_per_pass:.1f} nodes. "
        f"Of all, {first} comes first here."
    ]


def plot_lines(prediction: Prediction) -> list[str]:
    """Speed-ups of the best method by fixed draft length; nothing where fewer than two were simulated."""
    method = prediction.best.method
    bars = {}
    for each in prediction.forecasts:
        fixed = re.fullmatch(r"fixed:(\d+)", each.algorithm)
        if fixed is not None and each.method == method:
            half = each.speedup.half_width or 0.0
            mean = each.speedup.mean
            bars[int(fixed[1])] = Bar(fixed[1], max(0.0, mean - half), mean, mean + half)
    if len(bars) < 2:
        return []
    return [
        f"Speed-up of {method} by draft length:",
        *interval_bars([bars[key] for key in sorted(bars)], 1.0),
    ]


def _costs(prediction: Prediction, best: Forecast) -> str:
    """The mean round of the best, in passes of one row of the target alone."""
    runtime = prediction.measured.runtime
    together = runtime.together if best.method == "async" else None
    target, draft = (
        (runtime.alone.target, runtime.alone.draft) if together is None else (together.target, together.draft)
    )
    drafted = best.drafted / (best.tokens / best.mean_acceptance_length)
    width = max(1, round(1 + drafted))
    alone = runtime.alone.target[1]
    said = costs_text(
        PassTimes.of_widths("target", target).cost(width, 0).seconds / alone,
        width,
        drafted * draft[1] / alone,
    )
    return said if together is None else f"{said}, while both models run"


def _break_even(best: Forecast, found: BreakEven) -> str:
    measured = "" if best.acceptance is None else f"; {best.acceptance.text(2)} is measured"
    if found.always:
        return f"Any acceptance rate would do{measured}."
    if found.acceptance is None:
        return f"No acceptance rate makes it pay{measured}."
    return f"It would pay from an acceptance rate of {found.acceptance.text(2)}{measured}."
