"""What a text took, in one line or as JSON."""

from dataclasses import asdict
from typing import Any

from ahasd.decoding.metrics import DecodingMetrics


def generation_line(metrics: DecodingMetrics, seed: int | None = None) -> str:
    """Sum a text up: tokens per second (prefill apart), and how well the drafts did, if there were any."""
    parts = [f"{metrics.tokens} tokens in {metrics.seconds:.2f} s"]
    if metrics.tokens_per_second is not None:
        parts[0] += f" after {metrics.seconds_prefill:.2f} s of prefill"
        parts.append(f"{metrics.tokens_per_second:.1f} tokens/s")
    parts.append(metrics.method)
    if metrics.algorithm:
        parts[-1] += f" {metrics.algorithm}"
    if metrics.draft_acceptance_rate is not None:
        parts.append(f"acceptance rate {metrics.draft_acceptance_rate:.2f}")
    if metrics.algorithm and metrics.mean_acceptance_length is not None:
        parts.append(f"mean acceptance length {metrics.mean_acceptance_length:.2f}")
    if metrics.drafted:
        parts.append(f"{metrics.wasted} of {metrics.drafted} drafts wasted")
    if seed is not None:
        parts.append(f"seed {seed}")
    return ", ".join(parts)


def generation_json(
    text: str,
    prompt: list[int],
    tokens: list[int],
    metrics: DecodingMetrics,
    seed: int | None,
    log_probabilities: list[float] | None = None,
) -> dict[str, Any]:
    """Give a text with its tokens and figures.

    Parameters
    ----------
    prompt
        Its tokens, those of a chat template included.
    tokens
        The new ones, an end token included.
    seed
        Of the draws; None if nothing was drawn.
    log_probabilities
        Of the new tokens, to the target alone; None leaves them out.
    """
    likely = {} if log_probabilities is None else {"log_probabilities": log_probabilities}
    return {
        "text": text,
        "prompt_tokens": prompt,
        "tokens": tokens,
        **likely,
        "seed": seed,
        "metrics": asdict(metrics)
        | {
            "tokens_per_second": metrics.tokens_per_second,
            "draft_acceptance_rate": metrics.draft_acceptance_rate,
            "mean_acceptance_length": metrics.mean_acceptance_length,
            "note": metrics.note,
        },
    }
