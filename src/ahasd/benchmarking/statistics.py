"""What a results file says of methods and categories: ours, or a run log of AMUSD."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from math import isfinite
from pathlib import Path
from typing import Any

from ahasd.benchmarking.benchmark import REFERENCE
from ahasd.benchmarking.samples import Sample
from ahasd.errors import AhasdError
from ahasd.text_files import DATA_BYTES, parse_json, read_text

#: Where a results file of ours lies in its folder.
RESULTS = "results.json"

#: AMUSD's names of its strategies, as (method, algorithm).
STRATEGIES = {
    "greedy": ("autoregressive", ""),
    "sd": ("speculative", "fixed:5"),
    "amusd": ("async", "amusd"),
}

#: What stands for all categories together.
ALL = "all"


@dataclass(frozen=True, slots=True)
class MethodStatistics:
    """A method in a category.

    Parameters
    ----------
    category
        Of the prompts; `ALL` for all of them.
    name
        Method and algorithm.
    texts
        How many, repetitions included.
    seconds_per_token
        Mean over the tokens, of the time from the request to the last token, prompt included (as AMUSD counts).
    speedup
        Over the target alone in this category; None without that.
    acceptance
        Share of judged drafts that became text; None where nothing is drafted, or the file does not say.
    tokens_per_pass
        Of the text, by pass of the target; None where the file does not say.
    """

    category: str
    name: str
    texts: int
    seconds_per_token: float
    speedup: float | None
    acceptance: float | None
    tokens_per_pass: float | None

    @property
    def tokens_per_second(self) -> float:
        """Mean."""
        return 1.0 / self.seconds_per_token


def read_samples(path: Path) -> list[Sample]:
    """Read the texts of a results file.

    Parameters
    ----------
    path
        What `ahasd bench --output` wrote (the folder, or results.json in it), or a run log of AMUSD.

    Raises
    ------
    AhasdError
        If it is none; the message names file, entry and field.
    """
    if path.is_dir():
        path /= RESULTS
    document = parse_json(read_text(path, "results file", DATA_BYTES), f"results file '{path}'")
    entries = document.get("samples") if isinstance(document, dict) else document
    if not isinstance(entries, list) or not entries:
        raise AhasdError(
            f"results file {path}: holds neither 'samples' (of ahasd bench) nor a list of runs (of AMUSD)"
        )
    found = []
    for number, entry in enumerate(entries, start=1):
        where = f"results file {path}, entry {number}"
        if not isinstance(entry, dict):
            raise AhasdError(f"{where}: must be an object, not {entry!r:.40}")
        found.append(_of_amusd(entry, where) if "strategy" in entry else _of_ours(entry, where))
    return found


def statistics(samples: Sequence[Sample]) -> list[MethodStatistics]:
    """Put them together: every method over all texts first, then by category, where there are several."""
    categories = list(dict.fromkeys(sample.category for sample in samples))
    rows = _of_category(ALL, samples)
    if len(categories) > 1:
        for category in categories:
            own = [sample for sample in samples if sample.category == category]
            rows += _of_category(category or "without a category", own)
    return rows


def name_of(sample: Sample) -> str:
    """Method and algorithm."""
    return f"{sample.method} {sample.algorithm}".rstrip()


def _of_category(category: str, samples: Sequence[Sample]) -> list[MethodStatistics]:
    by_method: dict[str, list[Sample]] = {}
    for sample in samples:
        by_method.setdefault(name_of(sample), []).append(sample)
    times = {name: _seconds_per_token(own) for name, own in by_method.items()}
    alone = times.get(REFERENCE)
    rows = []
    for name, own in by_method.items():
        accepted = sum(sample.accepted or 0 for sample in own)
        judged = accepted + sum(sample.rejected or 0 for sample in own)
        passes = [tokens for sample in own for tokens in sample.accepted_tokens]
        time = times[name]
        if time is None:
            continue  # no text had a token
        rows.append(
            MethodStatistics(
                category,
                name,
                len(own),
                time,
                None if alone is None else alone / time,
                accepted / judged if judged else None,
                sum(passes) / len(passes) if passes else None,
            )
        )
    return rows


def _seconds_per_token(samples: Iterable[Sample]) -> float | None:
    seconds, tokens = 0.0, 0
    for sample in samples:
        seconds, tokens = seconds + sample.total_time, tokens + sample.tokens
    return seconds / tokens if tokens and seconds > 0 else None


def _of_ours(entry: dict[str, Any], where: str) -> Sample:
    for name in ("method", "algorithm", "question_id", "category"):
        if not isinstance(entry.get(name), str):
            raise AhasdError(f"{where}, field '{name}': must be a text, not {entry.get(name)!r:.40}")
    values = {name: entry[name] for name in ("method", "algorithm", "question_id", "category")}
    for name in ("repetition", "sample_index", "turn", "tokens", "total_time"):
        values[name] = _number(entry, name, where)
    for name in ("drafted", "accepted", "rejected"):
        values[name] = None if entry.get(name) is None else _number(entry, name, where)
    values["accepted_tokens"] = _numbers(entry, "accepted_tokens", where)
    pairs = entry.get("tokens_over_time")
    if not isinstance(pairs, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        raise AhasdError(f"{where}, field 'tokens_over_time': must be a list of pairs (seconds, tokens)")
    values["tokens_over_time"] = tuple((float(seconds), int(tokens)) for seconds, tokens in pairs)
    return Sample(**{each.name: values[each.name] for each in fields(Sample)})


def _of_amusd(entry: dict[str, Any], where: str) -> Sample:
    metrics = entry.get("metrics")
    if not isinstance(metrics, dict):
        raise AhasdError(f"{where}, field 'metrics': must be an object, not {metrics!r:.40}")
    strategy = str(entry["strategy"])
    method, algorithm = STRATEGIES.get(strategy, (strategy, ""))
    tokens, index = _number(metrics, "tokens_generated", where), _number(entry, "sample_index", where)
    times = _numbers(metrics, "token_times", where)
    passes = _numbers(metrics, "accepted_tokens", where)
    # Moments of a run with overlap are not in such a log; those of tokens one by one are.
    over_time, moment = [], 0.0
    for count, seconds in enumerate(times, start=1):
        moment += seconds
        over_time.append((moment, count))
    return Sample(
        method,
        algorithm,
        0,
        int(index),
        0,
        str(int(index)),
        "",
        int(tokens),
        _number(metrics, "total_time", where),
        None,
        None,
        None,
        tuple(int(count) for count in passes),
        tuple(over_time),
    )


def _number(entry: dict[str, Any], name: str, where: str) -> Any:
    value = entry.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool) or not isfinite(value) or value < 0:
        raise AhasdError(f"{where}, field '{name}': must be a number, at least 0, not {value!r:.40}")
    return value


def _numbers(entry: dict[str, Any], name: str, where: str) -> tuple[float, ...]:
    """Give a list of numbers; empty where there is no such field."""
    values = entry.get(name, [])
    if not isinstance(values, list):
        raise AhasdError(f"{where}, field '{name}': must be a list of numbers, not {values!r:.40}")
    return tuple(_number({name: value}, name, where) for value in values)
