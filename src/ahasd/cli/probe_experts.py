"""``ahasd probe --experts``: what this machine gives to experts that lie on disk."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ahasd.cli.show import show_answer
from ahasd.errors import AhasdError

#: Of the file that is written where no model is given; more than what a disk's own memory holds (ours).
FILE_BYTES = 2**29
_BLOCK = 2**24


def probe_experts(
    model: Path | None, output: Path | None, seconds: float, threads: int, dtype: str | None, json_: bool
) -> None:
    """Measure and say products, reads by size, and both at once.

    Parameters
    ----------
    model
        A folder of a model in safetensors files, whose largest is read; None for a file that is written into the
        folder of `output`, or the current one, and removed afterwards.
    output
        A file for the figures, as JSON.
    seconds
        For all, about.

    Raises
    ------
    AhasdError
        There is nothing to read, or no room to write it.
    """
    from ahasd.decoding.backend import torch
    from ahasd.decoding.experts.rates import measure_rates
    from ahasd.report.expert_rates import rates_json, rates_text
    from ahasd.report.files import check_file_writable, to_json, write_files

    kind = torch.float32 if dtype is None else getattr(torch, dtype, None)
    if not isinstance(kind, torch.dtype):
        raise AhasdError(f"dtype '{dtype}' is none of torch; take float32, bfloat16 or float16")
    if output is not None:
        check_file_writable(output)
    folder = Path() if output is None else output.parent
    with _file_to_read(model, folder) as path:
        found = measure_rates(path, seconds, dtype=kind, threads=threads)
    if output is not None:
        write_files(output.parent, {output.name: to_json(rates_json(found))})
    show_answer(to_json(rates_json(found)) if json_ else rates_text(found), data=json_)


@contextmanager
def _file_to_read(model: Path | None, folder: Path) -> Iterator[Path]:
    if model is not None:
        files = [model] if model.is_file() else sorted(model.glob("*.safetensors"))
        if not files:
            raise AhasdError(f"--model {model}: holds no safetensors files, which experts are read from")
        yield max(files, key=lambda path: path.stat().st_size)
        return
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".ahasd-probe-") as file:
            _fill(file)
            yield Path(file.name)
    except OSError as error:
        raise AhasdError(
            f"{folder.resolve()}: a file of {FILE_BYTES / 2**20:.0f} MiB to read from cannot be written there "
            f"({error.strerror or error}); make room, or give --model a folder with safetensors files"
        ) from error


def _fill(file: IO[bytes]) -> None:
    """Write it to the disk itself, with bytes that no file system can leave out."""
    import os

    import numpy as np

    draws = np.random.Generator(np.random.PCG64(0))
    for _ in range(FILE_BYTES // _BLOCK):
        file.write(draws.bytes(_BLOCK))
    file.flush()
    os.fsync(file.fileno())
