"""What a run with experts on disk took."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ahasd.decoding.experts.least_time import LeastTime
    from ahasd.decoding.experts.offloaded_model import OffloadedModel
    from ahasd.decoding.experts.offloaded_run import OffloadedRun, Part


def offloaded_text(
    model: "OffloadedModel",
    run: "OffloadedRun",
    cache: str,
    sensitivities: str | None = None,
    least: "LeastTime | None" = None,
) -> str:
    """Say how fast it was, what was waited for, and what that says of the cache.

    Parameters
    ----------
    sensitivities
        Whose the gate's are; None for no gate.
    least
        What this machine allows, if it was probed.
    """
    part, memory = run.continuation, model.memory
    lines = [f"{len(run.tokens)} tokens after a prompt of {len(run.prompt)}"]
    if part.tokens and part.hit_rate is not None:
        lines[0] += (
            f": {part.tokens / part.seconds:.1f} tokens/s, {part.seconds_waited / part.seconds:.0%} of the time "
            "waiting for experts"
        )
        lines.append(
            f"{cache}, {memory.slots} of {model.layers[0].count} experts of each of {memory.layers} layers in "
            f"{memory.bytes / 1e6:.1f} MB: {part.hit_rate:.1%} were there when they were needed; "
            f"{part.bytes_read / part.tokens / 1e6:.2f} MB read for each token"
        )
    if part.bytes_read and part.seconds_reading:
        lines.append(f"reads at {part.bytes_read / part.seconds_reading / 1e6:.0f} MB/s")
        if not model.reader.direct:
            lines[-1] += (
                "; the file system has no reads past the page cache, so part of that may be memory's speed"
            )
    if least is not None and part.tokens:
        took = part.seconds / part.tokens
        lines.append(
            f"{1e3 * took:.2f} ms a token; at the probe's rates products alone take {1e3 * least.products:.2f}, "
            f"reads alone {1e3 * least.reads:.2f}, both at once {1e3 * least.both:.2f} at least: "
            f"{took / least.both:.2f} times that"
        )
    if run.prefetched:
        lines.append(
            f"{run.prefetched} experts read ahead, {run.prefetched_used / run.prefetched:.0%} of them used"
        )
    if run.left_out:
        lines.append(f"{run.left_out} experts left out by the gate: the text is not that of the whole model")
    if sensitivities is not None:
        lines.append(
            f"the gate's sensitivities are {sensitivities}; `ahasd moe gate` says what a threshold costs"
        )
    return "\n".join(lines)


def offloaded_json(
    model: "OffloadedModel",
    run: "OffloadedRun",
    cache: str,
    text: str,
    sensitivities: str | None = None,
    least: "LeastTime | None" = None,
) -> dict[str, Any]:
    """Everything, for programs."""
    memory, part = model.memory, run.continuation
    return {
        "model": model.model.name,
        "cache": cache,
        "pool": "model" if model.shared else "layer",
        "text": text,
        "tokens": len(run.tokens),
        "tokens_per_second": part.tokens / part.seconds if part.tokens else None,
        "layers": memory.layers,
        "experts": model.layers[0].count,
        "experts_per_token": model.layers[0].chosen,
        "slots": memory.slots,
        "expert_bytes": memory.expert_bytes,
        "expert_bytes_on_disk": model.places.stored_bytes,
        "memory_bytes": memory.bytes,
        "past_the_page_cache": model.reader.direct,
        "prefix": _part(run.prefix),
        "continuation": _part(part),
        "prefetched": run.prefetched,
        "prefetched_used": run.prefetched_used,
        "left_out": run.left_out,
        "sensitivities": sensitivities,
        "least_seconds_per_token": None
        if least is None
        else {"products": least.products, "reads": least.reads, "both": least.both},
    }


def _part(part: "Part") -> dict[str, Any]:
    return {
        "tokens": part.tokens,
        "seconds": part.seconds,
        "seconds_waited": part.seconds_waited,
        "seconds_reading": part.seconds_reading,
        "bytes_read": part.bytes_read,
        "hits": sum(part.hits),
        "misses": sum(part.misses),
        "hit_rate": part.hit_rate,
        "hits_by_layer": list(part.hits),
        "misses_by_layer": list(part.misses),
    }
