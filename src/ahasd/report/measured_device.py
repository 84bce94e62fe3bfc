"""A measured device for eyes and for programs: first the sentence that says what was understood."""

from collections.abc import Sequence
from typing import Any

from ahasd.hardware.measured.device_file import device_document
from ahasd.hardware.measured.measured_device import MeasuredDevice
from ahasd.hardware.measured.missing import missing
from ahasd.plain_text import one_line
from ahasd.report.fitted import fitted
from ahasd.report.table import Table, left, right
from ahasd.report.text import paragraphs

#: Times that a terminal shows of a model (ours).
SHOWN = 12


def understood(device: MeasuredDevice) -> str:
    """Say what was read, in a sentence."""
    times = [time for model in device.models for time in model.times]
    said = []
    if times:
        widths = sorted({time.width for time in times})
        span = f"width {widths[0]}" if len(widths) == 1 else f"widths {widths[0]} to {widths[-1]}"
        said.append(f"{_count(len(times), 'time')} of {_count(len(device.models), 'model')} at {span}")
    drafted = sum(found.drafted for found in device.acceptances)
    if drafted:
        accepted = sum(found.accepted for found in device.acceptances)
        said.append(f"an acceptance of {accepted / drafted:.2f} ({accepted} of {drafted} drafted tokens)")
    if device.bandwidth_gb_s is not None:
        said.append(f"a bandwidth of {device.bandwidth_gb_s:.4g} GB/s")
    programs = ", ".join(
        dict.fromkeys(f"{source.program} {source.version}".strip() for source in device.sources)
    )
    return f"Read {_listed(said)} on {device.device} ({programs})."


def device_text(device: MeasuredDevice, remarks: Sequence[str], sentence: str = "") -> str:
    """Lay a device out: a sentence (what was understood, if no other), what is missing, remarks, the times."""
    lines = [*paragraphs([one_line(sentence or understood(device))]), ""]
    for lack in missing(device):
        said, _, command = lack.partition("Measure: ")
        lines += paragraphs([f"Missing: {one_line(said.strip())}"])
        lines += [f"  {one_line(command)}"] if command else []
    lines += ["", *paragraphs([one_line(remark) for remark in remarks])] if remarks else []
    columns = (*left("model", least=12), *right("width", "context", "ms"))
    rows = [
        (one_line(model.name), str(time.width), str(time.context), f"{time.ms:.4g}")
        for model in device.models
        for time in model.times[:SHOWN]
    ]
    if rows:
        lines += ["", fitted(Table(columns, rows))]
    return "\n".join(lines).rstrip("\n") + "\n"


def device_json(device: MeasuredDevice, remarks: Sequence[str]) -> dict[str, Any]:
    """Everything."""
    return {
        "sentence": understood(device),
        "missing": missing(device),
        "remarks": list(remarks),
        "device": device_document(device),
    }


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
