"""A benchmark for eyes and for programs."""

from dataclasses import asdict, dataclass
from typing import Any

from ahasd.benchmarking.benchmark import BenchResult, ContenderFigures, Spread
from ahasd.decoding.models.emulated_latency import EmulatedLatency
from ahasd.plain_text import one_line
from ahasd.report.fitted import fitted
from ahasd.report.table import Table, left, right
from ahasd.report.text import paragraphs


@dataclass(frozen=True, slots=True)
class BenchSetting:
    """What was measured where.

    Attributes
    ----------
    pair, prompts
        Names of the models and of the prompt file.
    latency
        Emulated.
    target_device, draft_device, dtype
        As torch calls them; no draft device without a draft.
    threads
        Of torch, in each process.
    power_unread
        Why the power of a GPU could not be read; empty where it was, or where there is none.
    """

    pair: str
    prompts: str
    latency: EmulatedLatency
    target_device: str
    draft_device: str | None
    dtype: str
    threads: int
    power_unread: str = ""


def bench_text(result: BenchResult, setting: BenchSetting) -> str:
    """Lay it out for a terminal of 100 columns: what was fastest, then everything."""
    table = fitted(bench_table(result), underlined=True)
    remarks = paragraphs([*_histograms(result), *_remarks(result, setting)], indent="  ")
    return "\n".join(
        [*paragraphs([bench_sentence(result, setting)]), "", *_about(result, setting), "", table, *remarks]
    )


def bench_sentence(result: BenchResult, setting: BenchSetting) -> str:
    """Say which method was fastest, and by how much."""
    best = min(result.contenders, key=lambda each: each.seconds_per_token.median)
    text = f"Fastest here: {_name(best)}, {best.seconds_per_token.median * 1e3:.2f} ms/token"
    if best.speedup is not None and best.method != result.reference:
        text += f", {best.speedup.median:.2f}x {result.reference}"
    others = [each for each in result.contenders if each is not best and each.method != result.reference]
    if others:
        second = min(others, key=lambda each: each.seconds_per_token.median)
        ratio = second.seconds_per_token.median / best.seconds_per_token.median
        text += f"; {ratio:.2f}x the next, {_name(second)}"
    if setting.latency:
        text += " (latencies are emulated)"
    return f"{text}."


def bench_markdown(result: BenchResult, setting: BenchSetting) -> str:
    """Write the summary as Markdown."""
    lines = [
        "# Benchmark",
        "",
        bench_sentence(result, setting),
        "",
        *(f"{line}  " for line in _about(result, setting)),
        "",
    ]
    lines += [bench_table(result).markdown(aligned=True)]
    lines += [f"{line}  " for line in [*_histograms(result), *_remarks(result, setting)]]
    return "\n".join(lines) + "\n"


def bench_table(result: BenchResult) -> Table:
    """A method a row."""
    columns = (
        *left("method"),
        *right("ms/token", least=9),
        *right("least–most", least=14),
        *right("TTFT ms", least=8),
        *right("speed-up", least=9),
        *right("accept", least=7),
        *right("tok/pass", least=9),
        *right("differ", least=7),
    )
    metered = any(each.gpu for each in result.contenders)
    if metered:
        columns += (*right("J/token", least=8), *right("GPU busy", least=8))
    return Table(columns, [_cells(each, metered) for each in result.contenders])


def bench_json(result: BenchResult, setting: BenchSetting) -> dict[str, Any]:
    """Give everything, in seconds and tokens."""
    return {
        "schema_version": 1,
        "pair": setting.pair,
        "emulated": bool(setting.latency),
        "emulated_latency_s": {"draft": setting.latency.draft_s, "target": setting.latency.target_s},
        "devices": {"draft": setting.draft_device, "target": setting.target_device},
        "dtype": setting.dtype,
        "threads": setting.threads,
        "prompts": {"source": setting.prompts, "count": result.prompts},
        "max_new_tokens": result.max_new_tokens,
        "repetitions": result.repetitions,
        "reference": result.reference,
        "identical": result.identical,
        "smallest_top2_gap": result.smallest_top2_gap,
        "methods": [_method(each, bool(setting.latency)) for each in result.contenders],
        "texts": result.texts,
        "samples": [asdict(sample) for sample in result.samples],
    }


def _method(each: ContenderFigures, emulated: bool) -> dict[str, Any]:
    metrics = each.metrics
    figures = {
        "method": each.method,
        "algorithm": each.algorithm,
        "emulated": emulated,
        "tokens": each.tokens,
        "tokens_per_second": each.tokens_per_second,
        "seconds_per_token": asdict(each.seconds_per_token),
        "ttft_s": None if each.ttft_s is None else asdict(each.ttft_s),
        "speedup": None if each.speedup is None else asdict(each.speedup),
        "differing_texts": each.differing_texts,
        "gpu": None if each.gpu is None else asdict(each.gpu),
        "note": "; ".join(filter(None, [each.note, "" if metrics is None else metrics.note])),
    }
    if metrics is not None:
        figures |= {
            "drafted": metrics.drafted,
            "accepted": metrics.accepted,
            "rejected": metrics.rejected,
            "flushed": metrics.flushed,
            "in_flight": metrics.in_flight,
            "verifications": metrics.verifications,
            "draft_acceptance_rate": metrics.draft_acceptance_rate,
            "draft_efficiency": metrics.draft_efficiency,
            "mean_acceptance_length": metrics.mean_acceptance_length,
            "accepted_histogram": metrics.accepted_histogram,
            "smallest_top2_gap": metrics.smallest_top2_gap,
            "close_calls": metrics.close_calls,
        }
    return figures


def _about(result: BenchResult, setting: BenchSetting) -> list[str]:
    place = (
        setting.target_device
        if setting.draft_device in (None, setting.target_device)
        else (f"draft on {setting.draft_device}, target on {setting.target_device}")
    )
    lines = [
        f"{one_line(setting.pair)}, {setting.dtype}, {place}, {setting.threads} thread{'s' * (setting.threads != 1)}",
        f"{one_line(setting.prompts)}: {result.prompts} prompt{'s' * (result.prompts != 1)}, "
        f"at most {result.max_new_tokens} tokens each, greedy; median of {result.repetitions}",
    ]
    if setting.latency:
        lines.append(f"latencies are EMULATED: {setting.latency}; no figure here is that of real devices")
    return lines


def _histograms(result: BenchResult) -> list[str]:
    """Give, for each method that drafts, the share of its target passes by accepted drafts."""
    lines = []
    for each in result.contenders:
        if each.passes_by_accepted:
            shares = (f"{accepted}: {share:.0%}" for accepted, share in each.passes_by_accepted.items())
            lines.append(f"Passes by accepted drafts, {_name(each)}: {', '.join(shares)}.")
    return lines


def _remarks(result: BenchResult, setting: BenchSetting) -> list[str]:
    gap = result.smallest_top2_gap
    lines = []
    if len(result.contenders) > 1:
        if result.identical:
            lines.append("All methods wrote the same texts.")
        else:
            lines.append(f"{result.differing_texts} texts differ from those of {result.reference}.")
    if gap is not None:
        lines.append(f"Smallest gap between the two best scores: {gap:.2g}.")
    rounded = [each for each in result.contenders if each.metrics is not None and each.metrics.note]
    if rounded:
        lines.append(f"Note: {_rounding(rounded)}.")
    notes = sorted({each.note for each in result.contenders if each.note})
    if setting.power_unread:
        notes.append(f"no joules: {setting.power_unread}")
    if any(each.gpu for each in result.contenders):
        notes.append(
            "J/token is that of the GPUs alone, read by NVML, prompts and idle GPUs of the pair included"
        )
    return [*lines, *(f"Note: {note}." for note in notes)]


def _rounding(contenders: list[ContenderFigures]) -> str:
    """Say what half precision may change, and how many decisions of each method were that close."""
    counts = []
    for each in contenders:
        assert each.metrics is not None
        counts.append(f"{each.metrics.close_calls} of {each.metrics.tokens} ({_name(each)})")
    first = contenders[0].metrics
    assert first is not None
    return f"{first.rounding_note}; tokens whose two best scores were within rounding: {', '.join(counts)}"


def _cells(each: ContenderFigures, metered: bool) -> tuple[str, ...]:
    metrics = each.metrics
    drafts = metrics is not None and bool(metrics.drafted)
    rate = metrics.draft_acceptance_rate if metrics is not None else None
    length = metrics.mean_acceptance_length if metrics is not None and drafts else None
    return (
        _name(each),
        f"{each.seconds_per_token.median * 1e3:.2f}",
        _range(each.seconds_per_token, 1e3),
        "" if each.ttft_s is None else f"{each.ttft_s.median * 1e3:.1f}",
        "" if each.speedup is None else f"{each.speedup.median:.2f}",
        "" if rate is None else f"{rate:.2f}",
        "" if length is None else f"{length:.2f}",
        str(each.differing_texts),
        *(_metered(each) if metered else ()),
    )


def _metered(each: ContenderFigures) -> tuple[str, str]:
    gpu = each.gpu
    return (
        ("", "") if gpu is None else (f"{gpu.joules_per_token.median:.3g}", f"{gpu.utilisation.median:.0%}")
    )


def _name(each: ContenderFigures) -> str:
    return f"{each.method} {each.algorithm}".rstrip()


def _range(spread: Spread, factor: float) -> str:
    return f"{spread.least * factor:.2f}–{spread.most * factor:.2f}"
