"""Run logs of AMUSD (arXiv 2410.17375): lists of step times of the three strategies."""

from collections.abc import Sequence
from math import isfinite
from statistics import median
from typing import Any

from ahasd.errors import AhasdError
from ahasd.hardware.measured.importing.format import Format
from ahasd.hardware.measured.importing.log_text import LogText
from ahasd.hardware.measured.importing.reading import ModelName, Reading, TimeReading
from ahasd.hardware.measured.measured_device import Acceptance, Source
from ahasd.text_files import parse_json

#: Tokens that the alternating strategy drafts before it verifies (the paper's look-ahead).
LOOK_AHEAD = 5


class AmusdLog(Format):
    """Medians, without the first entry of every list, which holds warm-up.

    ``greedy`` gives passes of one row, ``sd`` draft steps and verifications of `LOOK_AHEAD` drafts behind a token.
    The verify times of ``amusd`` hold waiting for drafts and are not taken. Prompts are not in the log: the context
    is half of the text.
    """

    name = "AMUSD's run log"

    def recognises(self, log: LogText) -> bool:
        """Entries with a strategy and metrics."""
        return '"strategy"' in log.text and '"metrics"' in log.text

    def read(self, log: LogText) -> Reading:
        """All samples together."""
        document = parse_json(log.text, log.file)
        seconds: dict[str, list[float]] = {"greedy": [], "draft": [], "verify": []}
        contexts: list[float] = []
        drafted = accepted = rounds = 0
        for number, entry in enumerate(document if isinstance(document, list) else [document], start=1):
            where = f"{log.file}, entry {number}"
            if not isinstance(entry, dict) or not isinstance(entry.get("metrics"), dict):
                raise AhasdError(f"{where}, field 'metrics': missing")
            metrics = entry["metrics"]
            if entry.get("strategy") == "greedy":
                times = _numbers(metrics, "token_times", where)
                seconds["greedy"] += times[1:]
                contexts.append(len(times) / 2)
            elif entry.get("strategy") == "sd":
                seconds["draft"] += _numbers(metrics, "draft_times", where)[1:]
                seconds["verify"] += _numbers(metrics, "verify_times", where)[1:]
                emitted = _numbers(metrics, "accepted_tokens", where)
                rounds, drafted = rounds + len(emitted), drafted + LOOK_AHEAD * len(emitted)
                accepted += round(sum(emitted)) - len(emitted)
                contexts.append(sum(emitted) / 2)
        if not contexts:
            raise AhasdError(
                f"{log.file}: no run of 'greedy' or 'sd'; verify times of 'amusd' hold waiting for drafts"
            )
        context = round(median(contexts))
        target, draft = ModelName(""), ModelName("", role="draft")
        rows = ((target, 1, "greedy"), (draft, 1, "draft"), (target, LOOK_AHEAD + 1, "verify"))
        return Reading(
            Source(program="AMUSD", file=log.file),
            tuple(
                TimeReading(model, width, context, 1e3 * median(seconds[name]))
                for model, width, name in rows
                if seconds[name]
            ),
            (Acceptance(drafted=drafted, accepted=accepted, rounds=rounds, draft_length=LOOK_AHEAD),)
            if rounds
            else (),
            backend="pytorch",
        )


def _numbers(metrics: dict[str, Any], field: str, where: str) -> Sequence[float]:
    values = metrics.get(field)
    if not isinstance(values, list) or len(values) < 2:
        raise AhasdError(f"{where}, field '{field}': expected a list of at least two numbers")
    for index, value in enumerate(values):
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value) or value <= 0:
            raise AhasdError(f"{where}, field '{field}', item {index}: {value!r} is not a positive number")
    return [float(value) for value in values]
