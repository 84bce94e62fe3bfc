"""Intervals of energy as text and as a document."""

from typing import Any

from ahasd.experiments.energy_range import EnergyRange, Span


def energy_range_text(found: EnergyRange) -> str:
    """Rows for people: each figure with the ends of its interval."""
    lines = ["Energy over the ranges of the constants"]
    lines += [f"  {name:24} {_text(span)} {unit}" for name, span, unit in _rows(found)]
    lines += [f"  {key:24} {low:g} to {high:g}" for key, (low, high) in found.constants.items()]
    if not found.constants:
        lines.append("  no constant of energy has a range here")
    if not found.time_fixed:
        lines.append(
            "  The power cap throttles the PIM at some of these constants, so speed changes with them "
            f"({_text(found.tokens_per_second)} tokens/s): these are runs at the ends, not bounds."
        )
    return "\n".join(lines) + "\n"


def energy_range_document(found: EnergyRange) -> dict[str, Any]:
    """The same for ``results.json``."""
    return {
        "constants": {key: list(span) for key, span in found.constants.items()},
        "time_fixed": found.time_fixed,
        "joules_per_token": _document(found.joules_per_token),
        "average_power_w": _document(found.average_power_w),
        "joules_wasted": _document(found.joules_wasted) if found.joules_wasted is not None else None,
        "tokens_per_second": _document(found.tokens_per_second),
        "devices_j": {device: _document(span) for device, span in found.devices.items()},
    }


def _text(span: Span) -> str:
    return f"{span.default:.4g} ({span.low:.4g} to {span.high:.4g})"


def _document(span: Span) -> list[float]:
    return [span.low, span.default, span.high]


def _rows(found: EnergyRange) -> list[tuple[str, Span, str]]:
    rows = [("per token", found.joules_per_token, "J"), ("average power", found.average_power_w, "W")]
    if found.joules_wasted is not None:
        rows.append(("wasted", found.joules_wasted, "J"))
    return rows + [(f"{device}, all", span, "J") for device, span in found.devices.items()]
