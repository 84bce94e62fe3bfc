"""llama-server: its log, and the ``timings`` of its answers."""

import re

from ahasd.errors import AhasdError
from ahasd.hardware.measured.importing.fields import Fields
from ahasd.hardware.measured.importing.format import Format
from ahasd.hardware.measured.importing.llama_lines import announced_backend, build_of, loaded_models
from ahasd.hardware.measured.importing.log_text import LogText
from ahasd.hardware.measured.importing.log_timings import timings
from ahasd.hardware.measured.importing.reading import ModelName, Reading, TimeReading
from ahasd.hardware.measured.measured_device import Acceptance, Source

_RATE = re.compile(r"draft acceptance(?: rate)? = *[\d.]+ \( *(\d+) accepted / *(\d+) generated\)")
_STATISTICS = re.compile(
    r"statistics \S+: .*#gen drafts = *(\d+).*#gen tokens = *(\d+), #acc tokens = *(\d+)"
)

_SLOT = re.compile(r"print_timing: id +(\d+)")

#: Requests with fewer tokens say little of a step: the first comes with the prompt (ours).
LEAST_TOKENS = 8


class ServerLog(Format):
    """Requests of one server.

    Without drafts the time per token is a pass of one row, at the mean context; with drafts a token is a share of a
    round, so only the acceptance is taken.
    """

    name = "llama-server"

    def recognises(self, log: LogText) -> bool:
        """Timings of requests, or answers that hold them."""
        if '"timings"' in log.text and '"predicted_ms"' in log.text:
            return True
        return "eval time =" in log.text or "draft acceptance" in log.text

    def read(self, log: LogText) -> Reading:
        """All requests."""
        requests = _from_answers(log) if '"timings"' in log.text else _from_log(log)
        models = loaded_models(log)
        name = ModelName(*models[0]) if models else ModelName("")
        plain = [each for each in requests if not each[3] and each[2] >= LEAST_TOKENS]
        remarks, times = [], []
        if plain:
            tokens = sum(each[2] for each in plain)
            context = round(sum((each[0] + each[2] / 2) * each[2] for each in plain) / tokens)
            times.append(TimeReading(name, 1, context, sum(each[1] for each in plain) / tokens))
            if len(set(_SLOT.findall(log.text))) > 1:
                remarks.append(
                    "Requests ran in several slots. Where that was at once, a pass had several rows, and the time of "
                    "one row is less than the time per token that counts here."
                )
        drafted = sum(each[3] for each in requests)
        accepted = sum(each[4] for each in requests)
        acceptances: tuple[Acceptance, ...] = ()
        if drafted:
            draft = models[1][0] if len(models) > 1 else ""
            acceptances = (
                Acceptance(
                    target=name.name,
                    draft=draft,
                    drafted=drafted,
                    accepted=accepted,
                    rounds=_rounds(log, drafted),
                ),
            )
            remarks.append("Times of requests with drafts are of rounds, not of passes, and were not taken.")
        if not times and not acceptances:
            raise AhasdError(
                f"{log.file}: no request of llama-server wrote {LEAST_TOKENS} tokens, and none had drafts"
            )
        return Reading(
            Source(program=self.name, version=build_of(log), file=log.file),
            tuple(times),
            acceptances,
            backend=announced_backend(log),
            remarks=tuple(remarks),
        )


#: Prompt tokens, milliseconds of generation, generated tokens, drafted, accepted.
_Request = tuple[int, float, int, int, int]


def _from_answers(log: LogText) -> list[_Request]:
    found = []
    for line, entry in log.objects():
        if not isinstance(entry.get("timings"), dict):
            continue
        fields = Fields(log, line, entry["timings"])
        found.append(
            (
                int(fields.optional("prompt_n") or 0) + int(fields.optional("cache_n") or 0),
                fields.number("predicted_ms"),
                fields.whole("predicted_n"),
                int(fields.optional("draft_n") or 0),
                int(fields.optional("draft_n_accepted") or 0),
            )
        )
    return found


def _from_log(log: LogText) -> list[_Request]:
    found: list[_Request] = []
    prompt, by_line = 0, {timing.line: timing for timing in timings(log)}
    for number, line in enumerate(log.lines, start=1):
        if timing := by_line.get(number):
            if timing.prompt:
                prompt = timing.count
            else:
                found.append((prompt, timing.ms, timing.count, 0, 0))
                prompt = 0
        elif "draft acceptance" in line:
            rate = _RATE.search(line)
            if rate is None:
                raise log.torn(number, "'draft acceptance rate = 0.7 (90 accepted / 128 generated)'")
            if not found:
                raise log.fail(
                    number, "a draft acceptance before any 'eval time'; is the log's beginning missing?"
                )
            found[-1] = (*found[-1][:3], int(rate[2]), int(rate[1]))
    return found


def _rounds(log: LogText, drafted: int) -> int | None:
    """Drafts, where the server's last statistics are of just these tokens."""
    statistics = _STATISTICS.findall(log.text)
    if statistics and int(statistics[-1][1]) == drafted:
        return int(statistics[-1][0]) or None
    return None
