"""A prediction for eyes and for programs."""

from collections.abc import Sequence
from typing import Any

from ahasd.intervals import Interval
from ahasd.plain_text import one_line
from ahasd.prediction.predict import Forecast, Prediction
from ahasd.report.fitted import fitted
from ahasd.report.prediction_answer import plot_lines, tree_verdict, verdict
from ahasd.report.table import Table, left, right
from ahasd.report.text import paragraphs

#: Processes at work for each processor above which times are not to be trusted (ours).
BUSY = 0.5

#: Rows of the table in a terminal; the fastest of every method and the target alone are always shown (ours).
ROWS = 12

#: Characters of the names of algorithms there, and of those that come out alike before their count (ours).
NAMES, NAMES_BEFORE_COUNT = 30, 21


def prediction_text(prediction: Prediction) -> str:
    """Lay a prediction out for a terminal of 100 columns: the verdict, what to do next, what it is from, a table."""
    trace, alone = prediction.measured.trace, prediction.measured.runtime.alone
    together = prediction.measured.runtime.together
    lines = [
        *paragraphs([verdict(prediction), *tree_verdict(prediction), *_busy(prediction)]),
        "",
        f"Measure it: {next_command(prediction)}",
        "",
        f"{one_line(prediction.pair)}: {trace.positions} tokens of {trace.prompts} prompts, greedy",
        f"steps by turns: draft {_ms(alone.draft[1])}, target {_ms(alone.target[1])} for one token, "
        f"{_ms(alone.target[max(alone.target)])} for {max(alone.target)}",
    ]
    if together is not None:
        lines.append(
            f"steps at once:  draft {_ms(together.draft[1])}, target {_ms(together.target[1])} for one token, "
            f"{_ms(together.target[max(together.target)])} for {max(together.target)}; "
            f"a message {together.message * 1e6:.0f} µs"
        )
    if prediction.latency:
        lines.append(f"latencies are EMULATED: {prediction.latency}")
    shown, left_out = _shown(prediction)
    lines += ["", fitted(forecasts_table(shown), underlined=True).rstrip("\n")]
    if left_out:
        lines.append(f"({left_out} slower ones are in --json)")
    plot = plot_lines(prediction)
    lines += [*(["", *plot] if plot else []), "", *_assumptions(prediction)]
    return "\n".join(lines)


def forecasts_table(groups: Sequence[Sequence[Forecast]]) -> Table:
    """Forecasts that come out alike share a row."""
    columns = (
        *left("method", least=14),
        *left("algorithm", least=NAMES),
        *right("tokens/s", least=9),
        *right("speed-up", least=14),
        *right("acceptance", least=11),
        *right("tokens/pass", least=12),
    )
    return Table(columns, list(map(_row, groups)))


def next_command(prediction: Prediction) -> str:
    """The command that holds the prediction against a measurement."""
    best = prediction.best
    asked = f" {prediction.models}" if prediction.models else ""
    if prediction.trees and prediction.trees[0].speedup.mean > best.speedup.mean:
        return f"ahasd bench{asked} --methods autoregressive,tree --tree {prediction.trees[0].tree}"
    return f"ahasd bench{asked} --methods autoregressive,{best.method} --algorithm {best.algorithm}"


def _busy(prediction: Prediction) -> list[str]:
    """A warning where others were at work on this machine before the steps were timed."""
    if prediction.load is None or prediction.load < BUSY:
        return []
    return [
        f"Warning: the machine was busy ({prediction.load:.1f} processes waited for each processor); "
        "times of steps may be too long, and not all by the same."
    ]


def prediction_json(prediction: Prediction) -> dict[str, Any]:
    """Give everything, in seconds and tokens."""
    runtime, trace = prediction.measured.runtime, prediction.measured.trace
    together, best = runtime.together, prediction.best
    return {
        "schema_version": 1,
        "pair": prediction.pair,
        "emulated": bool(prediction.latency),
        "emulated_latency_s": {"draft": prediction.latency.draft_s, "target": prediction.latency.target_s},
        "devices": {"draft": prediction.devices[0], "target": prediction.devices[1]},
        "cpu_cores": prediction.cores,
        "load_per_processor": prediction.load,
        "next_command": next_command(prediction),
        "threads": prediction.threads,
        "assumptions": _assumptions(prediction),
        "sample": {
            "prompts": trace.prompts,
            "tokens": trace.positions,
            "mean_acceptance": trace.mean_acceptance,
            "trace_sha256": trace.sha256,
        },
        "steps_alone_s": {
            "draft": runtime.alone.draft,
            "target": runtime.alone.target,
            "acceptance_head": runtime.alone.head,
            "round": runtime.alone.round,
            "context": runtime.alone.context,
        },
        "steps_together_s": None
        if together is None
        else {"draft": together.draft, "target": together.target, "message": together.message},
        "forecasts": [_forecast(each) for each in prediction.forecasts],
        "best": {"method": best.method, "algorithm": best.algorithm, "pays": best.pays},
        "break_even_acceptance": _interval(prediction.break_even.acceptance),
        "always_pays": prediction.break_even.always,
        "verdict": " ".join([verdict(prediction), *tree_verdict(prediction)]),
        "trees": [
            {
                "guesser": each.guesser,
                "tree": each.tree,
                "speedup": _interval(each.speedup),
                "pays": each.pays,
                "tokens_per_pass": each.tokens_per_pass,
                "nodes_per_pass": each.nodes_per_pass,
            }
            for each in prediction.trees
        ],
    }


def _shown(prediction: Prediction) -> tuple[list[list[Forecast]], int]:
    """The fastest, of every method at least one, and how many are left out."""
    groups = prediction.alike
    fastest = {group[0].method: group for group in reversed(groups)}.values()
    shown = groups[:ROWS] + [group for group in groups[ROWS:] if any(group is one for one in fastest)]
    return shown, len(groups) - len(shown)


def _row(group: Sequence[Forecast]) -> list[str]:
    first = group[0]
    return [
        first.method,
        _names(group),
        f"{first.tokens_per_second:.1f}",
        first.speedup.text(2) if first.algorithm else "1",
        "" if first.acceptance is None else f"{first.acceptance.mean:.2f}",
        f"{first.mean_acceptance_length:.2f}",
    ]


def _names(group: Sequence[Forecast]) -> str:
    """As many as there is room for, and how many more."""
    names = [each.algorithm for each in group]
    whole = ", ".join(names)
    if len(whole) <= NAMES:
        return whole
    fitting = [
        place for place in range(len(names)) if len(", ".join(names[: place + 1])) <= NAMES_BEFORE_COUNT
    ]
    kept = names[: max(1, len(fitting))]
    return f"{', '.join(kept)} + {len(names) - len(kept)} alike"[:NAMES]


def _assumptions(prediction: Prediction) -> list[str]:
    draft, target = prediction.devices
    lines = []
    if prediction.measured.runtime.together is not None:
        where = f"on {prediction.cores} CPU core{'s' * (prediction.cores != 1)}"
        if (draft, target) != ("cpu", "cpu"):
            where = f"draft on {draft}, target on {target}"
        lines.append(
            f"async: steps were timed while two processes, one per model, were both at work {where}."
        )
        if (draft, target) == ("cpu", "cpu") and prediction.cores < 2:
            lines.append(
                "One core does both by turns; what async gains by overlapping is in these times, if any."
            )
        lines.append("async: a pass covers all that is drafted, so the algorithm hardly matters.")
    lines.append("Speed-ups: 95 % interval over the prompts; the times of steps have errors of their own.")
    lines.append(
        f"Judging, entropies and {_ms(prediction.measured.runtime.alone.round)} per pass of handling "
        "are in the times; prefill is not."
    )
    return lines


def _forecast(each: Forecast) -> dict[str, Any]:
    return {
        "method": each.method,
        "algorithm": each.algorithm,
        "tokens": each.tokens,
        "seconds": each.seconds,
        "tokens_per_second": each.tokens_per_second,
        "speedup": _interval(each.speedup),
        "pays": each.pays,
        "draft_acceptance_rate": _interval(each.acceptance),
        "mean_acceptance_length": each.mean_acceptance_length,
        "drafted": each.drafted,
        "accepted": each.accepted,
        "wasted": each.drafted - each.accepted,
    }


def _interval(value: Interval | None) -> dict[str, float | None] | None:
    return None if value is None else {"mean": value.mean, "half_width_95": value.half_width}


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:.2f} ms"
