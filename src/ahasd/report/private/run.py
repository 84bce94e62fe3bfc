"""A private run: predicted and counted bytes side by side."""

from itertools import groupby
from typing import Any, NamedTuple

from ahasd.private_inference.network.widths import shortened
from ahasd.private_inference.protocols.transfer import Party
from ahasd.private_inference.running.outcome import RunOutcome, RunRequest
from ahasd.report.fitted import fitted
from ahasd.report.private.sizes import said_bytes, said_seconds
from ahasd.report.table import Table, left, right
from ahasd.report.text import paragraphs


class Check(NamedTuple):
    """What is known where both parties ran here: images whose sums equal the plaintext network's, and of how many."""

    equal: int
    images: int
    right: int


class _Row(NamedTuple):
    layer: str
    operation: str
    predicted: int
    counted: int


def run_text(request: RunRequest, outcome: RunOutcome, check: Check | None, by_operation: bool) -> str:
    """For a terminal."""
    rows = [_Row("set-up", "", outcome.setup_predicted, outcome.setup_counted), *_rows(outcome, by_operation)]
    total = _Row("total", "", sum(row.predicted for row in rows), sum(row.counted for row in rows))
    cells = [[row.layer, row.operation, f"{row.predicted:,}", f"{row.counted:,}"] for row in [*rows, total]]
    if not by_operation:
        cells = [[layer, *numbers] for layer, _, *numbers in cells]
    names = left("layer", "protocol") if by_operation else left("layer")
    table = Table((*names, *right("bytes predicted", "bytes counted")), cells)
    lines = [*paragraphs([_sentence(request, outcome, check)]), "", fitted(table).rstrip("\n")]
    return "\n".join([*lines, "", *paragraphs(_notes(request, outcome))]) + "\n"


def run_json(request: RunRequest, outcome: RunOutcome, check: Check | None) -> dict[str, Any]:
    """The same for programs; shares and keys are in neither."""
    return {
        "party": int(outcome.party),
        "network": request.public.network.name,
        "widths": shortened(request.public.widths),
        "images": request.images,
        "batch": request.batch,
        "equal": outcome.equal,
        "seconds": outcome.seconds,
        "setup": {"predicted": outcome.setup_predicted, "counted": outcome.setup_counted},
        "layers": [row._asdict() for row in _rows(outcome, by_operation=True)],
        "plaintext": check and check._asdict(),
        "classes": None if outcome.sums is None else outcome.sums.argmax(axis=0).tolist(),
    }


def _rows(outcome: RunOutcome, by_operation: bool) -> list[_Row]:
    both = [
        _Row(predicted.layer, predicted.operation, predicted.bytes, counted.bytes)
        for predicted, counted in zip(outcome.predicted, outcome.counted, strict=True)
    ]
    if by_operation:
        return both
    return [
        _Row(layer, "", sum(row.predicted for row in rows), sum(row.counted for row in rows))
        for layer, rows in ((layer, list(found)) for layer, found in groupby(both, lambda row: row.layer))
    ]


def _sentence(request: RunRequest, outcome: RunOutcome, check: Check | None) -> str:
    total = sum(each.bytes for each in outcome.counted)
    agree = "as predicted to the byte" if outcome.equal else "which is NOT what was predicted"
    images = f"{request.images} image" + ("s" if request.images > 1 else "")
    text = (
        f"{images} at {shortened(request.public.widths)} took {said_bytes(total)} and "
        f"{said_seconds(outcome.seconds)}, {agree}."
    )
    if check is None:
        return text
    return (
        f"{text} {check.equal} of {check.images} outputs equal the plaintext network's bit for bit; "
        f"{check.right} digits are right."
    )


def _notes(request: RunRequest, outcome: RunOutcome) -> list[str]:
    notes = []
    if outcome.sums is not None:
        digits = " ".join(map(str, outcome.sums.argmax(axis=0)[:40]))
        more = " …" if request.images > 40 else ""
        notes.append(f"Digits: {digits}{more}")
    if request.link is not None:
        seconds = request.link.seconds(sum(each.bytes for each in outcome.counted), outcome.trips)
        notes.append(
            f"Delays of {request.link.bytes_per_s / 1e6:g} MB/s and {request.link.round_trip_s * 1e3:g} ms were "
            f"inserted, which alone take {said_seconds(seconds)}."
        )
    role = "the server, which learns nothing" if outcome.party is Party.SERVER else "the client"
    notes.append(
        f"Counted by {role}. Both parties are trusted to follow the protocol (semi-honest security): what one of "
        "them sends wrongly ends the run or its result, and may tell it what it should not know. Messages are "
        "authenticated, not encrypted."
    )
    return notes
