"""Which format a file has."""

from pathlib import Path

from pydantic import ValidationError

from ahasd.errors import AhasdError
from ahasd.hardware.measured.importing.amusd_log import AmusdLog
from ahasd.hardware.measured.importing.batched_bench import BatchedBench
from ahasd.hardware.measured.importing.format import Format
from ahasd.hardware.measured.importing.llama_bench import LlamaBench
from ahasd.hardware.measured.importing.log_text import read_log
from ahasd.hardware.measured.importing.own_file import OwnFile
from ahasd.hardware.measured.importing.plain_csv import PlainCsv
from ahasd.hardware.measured.importing.reading import Reading
from ahasd.hardware.measured.importing.server_log import ServerLog
from ahasd.hardware.measured.importing.serving_bench import ServingBench
from ahasd.hardware.measured.importing.speculative_log import SpeculativeLog
from ahasd.invalid_values import explain
from ahasd.plain_text import one_line

#: In the order in which they are asked: the surest marks first.
FORMATS: tuple[Format, ...] = (
    OwnFile(),
    LlamaBench(),
    BatchedBench(),
    ServingBench(),
    AmusdLog(),
    SpeculativeLog(),
    ServerLog(),
    PlainCsv(),
)


def read_measurements(path: Path) -> Reading:
    """Read a file of any known format.

    Raises
    ------
    AhasdError
        It cannot be read, is of no known format, or is torn.
    """
    log = read_log(path)
    for each in FORMATS:
        if each.recognises(log):
            try:
                return each.read(log)
            except ValidationError as error:
                raise AhasdError(f"{one_line(log.file)}: {explain(error)}") from error
    first = next(number for number, line in enumerate(log.lines, start=1) if line.strip())
    said = one_line(log.lines[first - 1].strip())[:60]
    known = ", ".join(each.name for each in FORMATS)
    raise AhasdError(
        f"{one_line(log.file)}, line {first}: '{said}' begins no format that is known here ({known}); "
        "write the times into a CSV model,width,context,ms"
    )
