"""llama-batched-bench: ``--output-format jsonl`` and its table."""

from ahasd.errors import AhasdError
from ahasd.hardware.measured.importing.fields import Fields
from ahasd.hardware.measured.importing.format import Format
from ahasd.hardware.measured.importing.llama_lines import announced_backend, build_of, loaded_models
from ahasd.hardware.measured.importing.log_text import LogText
from ahasd.hardware.measured.importing.reading import ModelName, Reading, TimeReading
from ahasd.hardware.measured.importing.tables import has_table, markdown_rows
from ahasd.hardware.measured.measured_device import Source

#: Columns of the table, and the fields of JSON that say the same.
_COLUMNS = {"PP": "pp", "TG": "tg", "B": "pl", "T_TG s": "t_tg"}


class BatchedBench(Format):
    """Each of ``pl`` sequences decodes ``tg`` tokens behind ``pp``: ``tg`` passes of ``pl`` rows.

    The rows are of several sequences with caches of their own, while those of a verification share one: at long
    contexts these times are a little too long for it.
    """

    name = "llama-batched-bench"

    def recognises(self, log: LogText) -> bool:
        """Objects with its fields, or its table."""
        if has_table(log, tuple(_COLUMNS)):
            return True
        return all(f'"{field}"' in log.text for field in _COLUMNS.values())

    def read(self, log: LogText) -> Reading:
        """One table, whatever the form."""
        if has_table(log, tuple(_COLUMNS)):
            rows = [
                Fields(log, row.line, {name: row.values[column] for column, name in _COLUMNS.items()})
                for row in markdown_rows(log, tuple(_COLUMNS))
            ]
        else:
            rows = [
                Fields(log, line, entry) for line, entry in log.objects() if "pl" in entry or "t_tg" in entry
            ]
        models = loaded_models(log)
        name = ModelName(*models[0]) if models else ModelName("")
        times = []
        for row in rows:
            prompt, generated, sequences = row.whole("pp"), row.whole("tg"), row.whole("pl", 1)
            if generated:
                seconds = row.number("t_tg", 1e-9)
                times.append(
                    TimeReading(name, sequences, prompt + generated // 2, 1e3 * seconds / generated, row.line)
                )
        if not times:
            raise AhasdError(f"{log.file}: no run of llama-batched-bench generated tokens; give -ntg 64")
        return Reading(
            Source(program=self.name, version=build_of(log), file=log.file),
            tuple(times),
            backend=announced_backend(log),
        )
