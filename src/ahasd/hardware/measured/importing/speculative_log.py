"""llama-speculative's log: counts of drafted and accepted tokens, and the times of both models."""

import re

from ahasd.hardware.measured.importing.format import Format
from ahasd.hardware.measured.importing.llama_lines import announced_backend, build_of, loaded_models
from ahasd.hardware.measured.importing.log_text import LogText
from ahasd.hardware.measured.importing.log_timings import counter, timings
from ahasd.hardware.measured.importing.reading import ModelName, Reading, TimeReading
from ahasd.hardware.measured.measured_device import Acceptance, Source

_DECODED = re.compile(r"decoded +(\d+) tokens in +([\d.]+) seconds")
_ENCODED = re.compile(r"encoded +(\d+) tokens in +([\d.]+) seconds")
_SECTION = re.compile(r"^(?:.*\s)?(draft|target):\s*$")


class SpeculativeLog(Format):
    """A round emits what was accepted and one token of the target's own, so there were ``n_predict - n_accept``.

    A draft step is a run of the draft's own timings. A verification is what is left of the time of decoding without
    them, over the rounds; it holds sampling and comparing, and has the mean width, rounded.
    """

    name = "llama-speculative"

    def recognises(self, log: LogText) -> bool:
        """Its counters, or what it prints before them."""
        return re.search(r"(?:^|\s)(?:n_drafted|n_accept) *=", log.text) is not None

    def read(self, log: LogText) -> Reading:
        """One run."""
        drafted, accepted = counter(log, "n_drafted"), counter(log, "n_accept")
        predicted, length = counter(log, "n_predict"), counter(log, "n_draft")
        rounds = predicted - accepted
        if drafted < 1 or rounds < 1 or accepted > drafted:
            raise log.fail(
                _line_of(log, "n_drafted"),
                f"{drafted} drafted, {accepted} accepted and {predicted} emitted tokens cannot be of one run",
            )
        models = [*(ModelName(*model) for model in loaded_models(log)), ModelName(""), ModelName("")][:2]
        target, draft = models[0], ModelName(models[1].name, models[1].weight_bytes, role="draft")
        encoded = _ENCODED.search(log.text)
        context = (int(encoded[1]) if encoded else 0) + predicted // 2
        times, remarks = [], []
        own = [
            timing for timing in timings(log) if not timing.prompt and _section(log, timing.line) == "draft"
        ]
        if own and own[0].count:
            times.append(TimeReading(draft, 1, context, own[0].ms / own[0].count, own[0].line))
        if own and (decoded := _DECODED.search(log.text)):
            rest = 1e3 * float(decoded[2]) - own[0].ms
            width = round(drafted / rounds) + 1
            if rest > 0:
                line = log.text[: decoded.start()].count("\n") + 1
                times.append(TimeReading(target, width, context, rest / rounds, line))
                remarks.append(
                    f"The verification of {width} rows is a mean over drafts of {drafted / rounds:.2f} tokens and "
                    "holds sampling; llama-bench times passes exactly."
                )
        return Reading(
            Source(program=self.name, version=build_of(log), file=log.file),
            tuple(times),
            (
                Acceptance(
                    target=target.name,
                    draft=draft.name,
                    drafted=drafted,
                    accepted=accepted,
                    rounds=rounds,
                    draft_length=length or None,
                ),
            ),
            backend=announced_backend(log),
            remarks=tuple(remarks),
        )


def _section(log: LogText, line: int) -> str:
    """Whose timings a line is among: "draft", "target" or "" before both."""
    for earlier in reversed(log.lines[: line - 1]):
        if said := _SECTION.match(earlier):
            return said[1]
    return ""


def _line_of(log: LogText, word: str) -> int:
    return next((number for number, line in enumerate(log.lines, start=1) if word in line), len(log.lines))
