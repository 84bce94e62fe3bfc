"""A plan of sparse attention: the answer, the banks, where the factor comes from, all ways."""

from typing import Any

import numpy as np

from ahasd.report.attention.banks import bank_bars
from ahasd.report.fitted import fitted
from ahasd.report.table import Table, left, right
from ahasd.report.text import paragraphs, prose_width
from ahasd.sparse_attention.heads.head_class import HeadClass
from ahasd.sparse_attention.plan.plan import PLAIN_MAPPING, AttentionPlan


def plan_text(plan: AttentionPlan, plain: bool) -> str:
    """Say what it brings, show the straggler, take the factor apart, list all ways."""
    return "\n\n".join(
        [
            "\n".join(paragraphs([plan_sentence(plan)])),
            _banks(plan, plain),
            fitted(_parts(plan)).rstrip(),
            fitted(_ways(plan)),
        ]
    )


def plan_sentence(plan: AttentionPlan) -> str:
    """Answer in a sentence."""
    parts, shape, system = plan.parts, plan.placed.attention.shape, plan.placed.system
    requests = f"{plan.requests} texts of " if plan.requests > 1 else ""
    where = f"{shape.name}, {requests}{plan.context} tokens, {plan.device.name}"
    if not system.sparse:
        return (
            f"{where}: {system.name} leaves nothing out; a step takes {_ms(plan.step.seconds)}, of which attention "
            f"{_ms(plan.step.attention.seconds)}, {parts.attention:.2f}x as fast as with a group of banks "
            f"for each head."
        )
    mapping = system.mapping
    return (
        f"{where}: {system.name} makes attention {parts.attention:.1f}x as fast as dense "
        f"({_ms(plan.dense.attention.seconds)}"
        f" to {_ms(plan.step.attention.seconds)}) and a whole step {parts.step:.2f}x ({_ms(plan.dense.seconds)} to "
        f"{_ms(plan.step.seconds)}): sparsity alone is worth {parts.sparsity:.1f}x, a group of banks for "
        f"each head leaves "
        f"{parts.plainly_mapped:.1f}x of it, balance ({mapping}) brings {parts.balance:.2f}x back, and "
        f"queries, choosing "
        f"and merging leave {parts.overheads:.0%}."
    )


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:.2f} ms"


def _banks(plan: AttentionPlan, plain: bool) -> str:
    """A bar for each bank, in the layer that the plain mapping spreads least evenly: under it, and as asked for."""
    busy = plan.plain.attention.bank_seconds
    layer = int(np.argmax(busy.max(axis=1) / busy.mean(axis=1)))
    split, channels = plan.placed.attention.split, plan.device.banks.channels
    steps = {PLAIN_MAPPING: plan.plain, plan.placed.system.mapping: plan.step}
    top = max(float(step.attention.bank_seconds[layer].max()) for step in steps.values())
    heads = {one.name.lower(): int(split.in_layers(one)[layer]) for one in HeadClass}
    counts = ", ".join(f"{count} {name}" for name, count in heads.items() if count)
    lines = [
        f"Each bank at work in layer {layer} (heads: {counts}), which {PLAIN_MAPPING} spread least evenly:"
    ]
    for name, step in steps.items():
        of_banks = step.attention.bank_seconds[layer]
        lines.append(
            f"{name}: busiest {of_banks.max() * 1e6:.2f} us, mean {of_banks.mean() * 1e6:.2f} us, "
            f"{of_banks.max() / of_banks.mean():.2f}x; over all layers {step.attention.straggling:.2f}x"
        )
        lines += [f"  {line}" for line in bank_bars(of_banks, channels, top, plain, prose_width() - 2)]
    return "\n".join(lines)


def _parts(plan: AttentionPlan) -> Table:
    parts = plan.parts
    rows = [
        ("sparsity: less to read and multiply, spread evenly", parts.sparsity, parts.sparsity),
        ("straggler: a head to a group of banks", parts.straggler, parts.plainly_mapped),
        (f"balance: {plan.placed.system.mapping}", parts.balance, parts.plainly_mapped * parts.balance),
        ("overheads: queries, choosing pages, merging, waiting", parts.overheads, parts.attention),
        ("= attention", parts.attention, parts.attention),
        ("products with weights, which stay", parts.weights, parts.step),
        ("= a decode step", parts.step, parts.step),
    ]
    notes = [
        f"Attention reads {parts.fewer_bytes:.1f}x fewer bytes; energy: attention "
        f"{parts.attention_joules:.1f}x less, a "
        f"step {parts.step_joules:.2f}x less.",
        _energy_note(plan),
        f"An answer of {plan.answer_tokens} tokens{' for each text' if plan.requests > 1 else ''}: "
        f"{plan.dense_answer.seconds:.3f} s to {plan.answer.seconds:.3f} s, {plan.dense_answer.joules:.3g} J to "
        f"{plan.answer.joules:.3g} J.",
    ]
    columns = (*left("Where the factor comes from"), *right("factor", "so far"))
    return Table(columns, [(name, f"{one:.2f}x", f"{all_:.2f}x") for name, one, all_ in rows], notes=notes)


def _energy_note(plan: AttentionPlan) -> str:
    parts = plan.parts
    if parts.attention_joules <= parts.attention:
        return (
            "Energy gains less than time: what moves besides the cache, and what is drawn at all times, stay."
        )
    return (
        "Energy gains more than time because it follows the bytes that all banks read, and time the busiest bank and "
        "what is done one after the other."
    )


def _ways(plan: AttentionPlan) -> Table:
    dense = plan.dense
    rows = []
    for way in plan.ways:
        step = way.step
        if step is None:
            rows.append((way.system, way.mapping, "-", "-", "-", "-", "-"))
            continue
        rows.append(
            (
                way.system,
                way.mapping,
                _ms(step.attention.seconds),
                f"{dense.attention.seconds / step.attention.seconds:.2f}x",
                f"{sum(dense.attention_joules.values()) / sum(step.attention_joules.values()):.2f}x",
                f"{step.attention.straggling:.2f}x",
                f"{dense.seconds / step.seconds:.2f}x",
            )
        )
    columns = (
        *left("System", "mapping"),
        *right("attention", "faster", "less energy", "straggler", "step faster"),
    )
    return Table(columns, rows, notes=plan_notes(plan))


def plan_notes(plan: AttentionPlan) -> list[str]:
    """What the figures rest on."""
    placed, device = plan.placed, plan.device
    paging = placed.attention.paging
    element = device.element
    notes = [
        f"{device.name}: {device.bank_count} banks, {device.bytes_per_second / 1e12:.2f} TB/s and "
        f"{device.macs_per_second / 1e12:.2f} T MAC/s in all; {device.peak_w:.0f} W with all banks and "
        f"lanes at work; an "
        f"element takes {device.element_mm2:.1f} mm2 ({element.units} units at {element.mhz:g} MHz). The "
        f"fullest bank "
        f"holds {plan.fullest_bank / 2**20:.0f} of {device.bank_bytes / 2**20:.0f} MiB.",
        f"Pages of {paging.page}, {paging.budget} tokens chosen, {paging.window.sink} first and "
        f"{paging.window.recent} last "
        f"ones always read; heads: {placed.heads_source}.",
    ]
    if placed.trace is None:
        notes.append("Pages are drawn, each with the same chance; --attention TRACE replays a model's.")
    elif placed.trace.header.synthetic:
        notes.append(
            "Made-up attention: these figures show what follows from its numbers, not what a model does."
        )
    notes += [f"{way.system}, {way.mapping}: {way.reason}." for way in plan.ways if way.step is None]
    if not plan.dense_fits:
        notes.append(f"{device.name} does not hold the caches of all heads: the dense step is as if it did.")
    notes.append("What leaving tokens out costs in quality is not told here.")
    return notes


def plan_json(plan: AttentionPlan) -> dict[str, Any]:
    """Give the same as data."""
    parts, step = plan.parts, plan.step
    return {
        "answer": plan_sentence(plan),
        "model": plan.placed.attention.shape.name,
        "device": plan.device.name,
        "system": plan.placed.system.name,
        "mapping": plan.placed.system.mapping,
        "context": plan.context,
        "requests": plan.requests,
        "step_s": step.seconds,
        "attention_s": step.attention.seconds,
        "dense_step_s": plan.dense.seconds,
        "dense_attention_s": plan.dense.attention.seconds,
        "answer_tokens": plan.answer_tokens,
        "answer_s": plan.answer.seconds,
        "answer_j": plan.answer.joules,
        "dense_answer_s": plan.dense_answer.seconds,
        "dense_answer_j": plan.dense_answer.joules,
        "parts": {
            "sparsity": parts.sparsity,
            "straggler": parts.straggler,
            "balance": parts.balance,
            "overheads": parts.overheads,
            "attention": parts.attention,
            "weights": parts.weights,
            "step": parts.step,
            "fewer_bytes": parts.fewer_bytes,
            "attention_joules": parts.attention_joules,
            "step_joules": parts.step_joules,
        },
        "energy_j": step.joules,
        "bank_seconds": step.attention.bank_seconds.sum(axis=0).tolist(),
        "fullest_bank_bytes": plan.fullest_bank,
        "ways": [
            {"system": way.system, "mapping": way.mapping, "reason": way.reason}
            if way.step is None
            else {
                "system": way.system,
                "mapping": way.mapping,
                "attention_s": way.step.attention.seconds,
                "step_s": way.step.seconds,
                "attention_j": sum(way.step.attention_joules.values()),
                "step_j": sum(way.step.joules.values()),
                "straggler": way.step.attention.straggling,
            }
            for way in plan.ways
        ],
        "notes": plan_notes(plan),
    }
