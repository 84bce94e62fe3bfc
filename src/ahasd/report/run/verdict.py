"""The verdict in a sentence: does speculation pay here, and from which acceptance on."""

from ahasd.hardware.placement.device_kinds import DEVICES
from ahasd.simulation.result import Result


def verdict(result: Result) -> str:
    """One to three sentences about a run."""
    rate = f"{result.tokens_per_second:.4g} tokens/s, {result.joules_per_token:.3g} J/token"
    if result.baseline is None or result.speedup is None:
        return f"No speculation: {rate}."
    alone = result.baseline
    pays = "pays" if result.speedup > 1 else "does not pay"
    text = (
        f"Speculation {pays}: {rate}, {result.speedup:.2f}x the target alone on {_title(alone.device)} "
        f"({alone.tokens_per_second:.4g} tokens/s, {alone.joules_per_token:.3g} J/token)."
    )
    if result.break_even_acceptance is not None:
        text += (
            f" It breaks even at an acceptance rate of about {result.break_even_acceptance:.2f}; "
            f"here it is {result.draft_acceptance_rate or 0.0:.2f}."
        )
    elif result.always_pays is not None:
        text += (
            " It pays at any acceptance." if result.always_pays else " No acceptance rate would make it pay."
        )
    for other in result.alternatives:
        if other.tokens_per_second > result.tokens_per_second:
            text += (
                f" But the target alone on {_title(other.device)} is faster still: "
                f"{other.tokens_per_second:.4g} tokens/s, {other.joules_per_token:.3g} J/token."
            )
    return text


def _title(device: str) -> str:
    return next(kind.title for name, kind in DEVICES.items() if name == device)
