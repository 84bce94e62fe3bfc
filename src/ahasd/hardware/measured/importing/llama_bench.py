"""llama-bench: ``-o json``, ``jsonl``, ``csv`` and ``md``."""

import csv
import re
from collections.abc import Mapping
from io import StringIO

from ahasd.errors import AhasdError
from ahasd.hardware.measured.importing.fields import Fields
from ahasd.hardware.measured.importing.format import Format
from ahasd.hardware.measured.importing.llama_lines import backend_named, build_of, stem
from ahasd.hardware.measured.importing.log_text import LogText
from ahasd.hardware.measured.importing.reading import ModelName, Reading, TimeReading
from ahasd.hardware.measured.importing.tables import has_table, markdown_rows
from ahasd.hardware.measured.measured_device import Source

#: Fields that every version writes and that times need.
_NEEDED = ("n_prompt", "n_gen", "avg_ns")

#: Rows of a pass at most where the file does not say (llama.cpp's default micro-batch).
_MICRO_BATCH = 512

#: Settings that change a time; a table holds those of one.
_SETTINGS = (
    "backends",
    "backend",
    "n_threads",
    "threads",
    "n_gpu_layers",
    "ngl",
    "n_cpu_moe",
    "split_mode",
    "flash_attn",
    "fa",
    "type_k",
    "type_v",
    "no_kv_offload",
    "devices",
    "tensor_split",
    "moe_cache",
)

_TEST = re.compile(r"(pp|tg) ?(\d+)(?: @ d(\d+))?")
_UNITS = {"KiB": 2.0**10, "MiB": 2.0**20, "GiB": 2.0**30, "TiB": 2.0**40}


class LlamaBench(Format):
    """Tests as passes.

    A test of n prompt tokens is a pass of n rows as long as it fits a micro-batch; one of n generated tokens is n
    passes of one row. A prompt is read behind ``n_depth`` tokens, generated tokens lie on average half their number
    deeper.
    """

    name = "llama-bench"

    def recognises(self, log: LogText) -> bool:
        """JSON or CSV with its fields, or a table with ``test`` and ``t/s``."""
        if has_table(log, ("model", "test", "t/s")):
            return True
        head = next((line for line in log.lines if line.strip()), "")
        return "avg_ns" in log.text and ('"n_gen":' in log.text or "n_gen" in head.split(","))

    def read(self, log: LogText) -> Reading:
        """One table, whatever the form."""
        if has_table(log, ("model", "test", "t/s")):
            rows = [_from_markdown(row) for row in markdown_rows(log, ("model", "test", "t/s"))]
        elif '"n_gen":' in log.text:
            rows = [Fields(log, line, entry) for line, entry in log.objects()]
        else:
            rows = _csv_rows(log)
        times, remarks = [], []
        for row in rows:
            found = _time(row)
            if isinstance(found, str):
                remarks.append(found)
            else:
                times.append(found)
        if not times:
            raise AhasdError(
                f"{log.file}: no test of llama-bench is one pass; give prompts of a few tokens: -p 1,2,4,8,16"
            )
        _check_one_setting(log, rows)
        first = rows[0]
        on_gpu = first.text("n_gpu_layers") != "0" and first.text("ngl") != "0"
        names = first.text("backends") or first.text("backend")
        backend = backend_named(names) if on_gpu else None
        commit, number = first.text("build_commit"), first.text("build_number")
        return Reading(
            Source(
                program=self.name,
                version=f"{commit} ({number})" if commit else build_of(log),
                date=first.text("test_time"),
                host=first.text("cpu_info"),
                file=log.file,
            ),
            tuple(times),
            device=first.text("gpu_info") or first.text("cpu_info") if on_gpu else first.text("cpu_info"),
            backend=backend,
            processor=None if backend is not None else "cpu" if not on_gpu or "CPU" in names else None,
            remarks=tuple(dict.fromkeys(remarks)),
        )


def _csv_rows(log: LogText) -> list[Fields]:
    reader = csv.reader(StringIO(log.text))
    head: list[str] | None = None
    rows = []
    for cells in reader:
        if not cells:
            continue
        if head is None:
            if set(_NEEDED) <= set(cells):
                head = cells
            continue
        if len(cells) != len(head):
            raise log.torn(reader.line_num, f"{len(head)} fields as in the head")
        rows.append(Fields(log, reader.line_num, dict(zip(head, cells, strict=True))))
    return rows


def _from_markdown(row: Fields) -> Fields:
    """A row of the table in the fields of the other forms."""
    test, speed = row.text("test"), row.text("t/s")
    values: dict[str, object] = {**row.values, "model_filename": row.text("model")}
    if said := re.fullmatch(r"([\d.]+) (KiB|MiB|GiB|TiB)", row.text("size")):
        values["model_size"] = float(said[1]) * _UNITS[said[2]]
    if said := re.fullmatch(r"([\d.]+) ([BM])", row.text("params")):
        values["model_n_params"] = float(said[1]) * {"B": 1e9, "M": 1e6}[said[2]]
    both = re.fullmatch(r"pp ?\d+ ?\+ ?tg ?\d+.*", test)
    found = _TEST.fullmatch(test)
    per_second = re.match(r"\d+(\.\d+)?", speed)
    if both:
        return Fields(row.log, row.line, {**values, "n_prompt": 1, "n_gen": 1, "avg_ns": 1})
    if found is None or per_second is None or float(per_second[0]) <= 0:
        raise row.log.torn(row.line, "a test such as 'tg 128' and tokens per second")
    kind, tokens = found[1], int(found[2])
    return Fields(
        row.log,
        row.line,
        {
            **values,
            "n_prompt": tokens if kind == "pp" else 0,
            "n_gen": tokens if kind == "tg" else 0,
            "n_depth": int(found[3] or 0),
            "avg_ns": 1e9 * tokens / float(per_second[0]),
        },
    )


def _time(row: Fields) -> TimeReading | str:
    """A time, or why there is none."""
    prompt, generated = row.whole("n_prompt"), row.whole("n_gen")
    depth = int(row.optional("n_depth") or 0)
    ms = row.number("avg_ns", 1e-3) / 1e6
    micro = int(min(row.optional("n_ubatch", 1) or _MICRO_BATCH, row.optional("n_batch", 1) or _MICRO_BATCH))
    if prompt and generated:
        return "Tests of a prompt with generation (-pg) were passed over: they are no passes of one width."
    if prompt > micro:
        return f"Prompts longer than the micro-batch of {micro} were passed over: they take several passes."
    if not prompt and not generated:
        raise row.log.fail(row.line, "a test of no tokens")
    name = ModelName(
        stem(row.text("model_filename")) or row.text("model_type"),
        row.optional("model_size") or None,
        row.optional("model_n_params") or None,
    )
    if prompt:
        return TimeReading(name, prompt, depth, ms, row.line)
    return TimeReading(name, 1, depth + generated // 2, ms / generated, row.line)


def _check_one_setting(log: LogText, rows: list[Fields]) -> None:
    for setting in _SETTINGS:
        values: Mapping[str, None] = dict.fromkeys(row.text(setting) for row in rows if setting in row.values)
        if len(values) > 1:
            raise AhasdError(
                f"{log.file}: its tests differ in {setting} ({', '.join(values)}); a device is one setting, so keep "
                "the rows of one"
            )
