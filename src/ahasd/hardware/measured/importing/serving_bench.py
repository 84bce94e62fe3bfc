"""Serving benchmarks of vLLM (``vllm bench serve``, ``benchmark_serving.py``) and SGLang (``bench_serving``)."""

from ahasd.errors import AhasdError
from ahasd.hardware.measured.importing.fields import Fields
from ahasd.hardware.measured.importing.format import Format
from ahasd.hardware.measured.importing.log_text import LogText
from ahasd.hardware.measured.importing.reading import ModelName, Reading, TimeReading
from ahasd.hardware.measured.measured_device import Acceptance, Source


class ServingBench(Format):
    """Requests at a time as rows.

    With n requests at a time, a token of each comes out of one pass of n rows; the median time between tokens of a
    request is that pass, since prompts that come in between hold up few of them.

    With drafts that time is a whole round, so only the acceptance is taken.
    """

    name = "vllm bench serve or sglang.bench_serving"

    def recognises(self, log: LogText) -> bool:
        """Objects with times per token and throughput, or vLLM's latency."""
        if '"avg_latency"' in log.text and '"percentiles"' in log.text:
            return True
        return "_tpot_ms" in log.text and '"request_throughput"' in log.text

    def read(self, log: LogText) -> Reading:
        """One run, or one a line."""
        times: list[TimeReading] = []
        acceptances: list[Acceptance] = []
        remarks: list[str] = []
        program = date = ""
        for line, entry in log.objects():
            fields = Fields(log, line, entry)
            if "avg_latency" in entry:
                raise log.fail(
                    line,
                    "vLLM's latency benchmark does not write how many sequences of how many tokens it ran; "
                    "use `vllm bench serve --max-concurrency N --save-result`",
                )
            is_sglang = "accept_length" in entry or "total_output_tokens_retokenized" in entry
            program = "sglang.bench_serving" if is_sglang else "vllm bench serve"
            date = fields.text("date") or date
            model = _model(fields)
            accepted = _sglang_acceptance(fields, model) if is_sglang else _vllm_acceptance(fields, model)
            if isinstance(accepted, Acceptance):
                acceptances.append(accepted)
            if accepted is None:
                times.append(_time(fields, model))
            else:
                remarks.append("Times of runs with drafts are of rounds, not of passes, and were not taken.")
            if isinstance(accepted, str):
                remarks.append(accepted)
        if not times and not acceptances:
            raise AhasdError(
                f"{log.file}: it holds no time of a pass and no count of drafts. {' '.join(dict.fromkeys(remarks))}"
            )
        return Reading(
            Source(program=program, date=date, file=log.file),
            tuple(times),
            tuple(acceptances),
            backend="pytorch",
            remarks=tuple(dict.fromkeys(remarks)),
        )


def _model(fields: Fields) -> ModelName:
    server = fields.values.get("server_info")
    name = fields.text("model_id")
    if not name and isinstance(server, dict):
        name = str(server.get("model_path", ""))
    return ModelName(name.rstrip("/").rpartition("/")[2])


def _time(fields: Fields, model: ModelName) -> TimeReading:
    rows = fields.optional("max_concurrency", 1)
    if rows is None:
        raise fields.log.fail(
            fields.line,
            "field 'max_concurrency' is not given, so how many sequences a pass had is not known; run the benchmark "
            "with --max-concurrency 1, 2, 4, …",
        )
    completed = fields.number("completed", 1)
    context = (fields.number("total_input_tokens") + fields.number("total_output_tokens") / 2) / completed
    ms = next(
        found
        for name in ("median_itl_ms", "median_tpot_ms", "mean_itl_ms", "mean_tpot_ms")
        if (found := fields.optional(name)) or name == "mean_tpot_ms"
    )
    if not ms:
        raise fields.log.fail(fields.line, "no time between tokens; were outputs longer than one token?")
    return TimeReading(model, int(rows), round(context), ms, fields.line)


def _vllm_acceptance(fields: Fields, model: ModelName) -> Acceptance | None:
    drafted = fields.optional("spec_decode_draft_tokens")
    if not drafted:
        return None
    rounds = int(fields.optional("spec_decode_num_drafts") or 0)
    return Acceptance(
        target=model.name,
        drafted=int(drafted),
        accepted=fields.whole("spec_decode_accepted_tokens"),
        rounds=rounds or None,
        draft_length=drafted / rounds if rounds else None,
    )


def _sglang_acceptance(fields: Fields, model: ModelName) -> Acceptance | str | None:
    """Counts from tokens per pass; a sentence where the draft length is not said."""
    per_pass = fields.optional("accept_length")
    if not per_pass:
        return None
    server = fields.values.get("server_info")
    length = server.get("speculative_num_steps") if isinstance(server, dict) else None
    if not isinstance(length, int) or length < 1 or per_pass < 1:
        return (
            f"{per_pass:g} tokens came out of a pass, of drafts of a length that the file does not say "
            "(speculative_num_steps in server_info)."
        )
    emitted = fields.number("total_output_tokens", 1)
    rounds = max(1, round(emitted / per_pass))
    return Acceptance(
        target=model.name,
        drafted=rounds * length,
        accepted=min(rounds * length, round(emitted) - rounds),
        rounds=rounds,
        draft_length=length,
    )
