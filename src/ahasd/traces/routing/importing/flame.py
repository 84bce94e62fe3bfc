"""The folders of FLAME-MoE-Traces: a parquet file for each layer, columns ``scores`` and ``indices``."""

import re
from pathlib import Path
from typing import Any

from ahasd.errors import AhasdError
from ahasd.traces.routing.importing.rows import Layers

#: Tokens that are read of a capture of 52.4 million: as many as are replayed in seconds (ours).
MOST_TOKENS = 100_000


def read_flame(path: str) -> Layers:
    """Read the first tokens of every layer; the text is of training, so none was given before others.

    Raises
    ------
    AhasdError
        The program for parquet files is missing, the folder holds none of a layer, or a file is something else.
    """
    try:
        from pyarrow import ArrowException, ArrowInvalid
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise AhasdError("reading parquet files needs pyarrow: pip install pyarrow") from error
    files: dict[int, Path] = {}
    for file in sorted(Path(path).rglob("*.parquet")):
        layer = re.search(r"layer_(\d+)", file.relative_to(path).as_posix())
        if layer is not None:
            files.setdefault(int(layer[1]), file)
    if not files:
        raise AhasdError(f"'{path}' holds no parquet file with layer_NN in its name or that of its folder")
    found = Layers()
    for number, file in files.items():
        try:
            with ParquetFile(file) as opened:
                _add(found, number, opened)
        except (ArrowInvalid, ArrowException, OSError, KeyError) as error:
            raise AhasdError(
                f"'{file}' cannot be read: {error}; it needs columns scores and indices"
            ) from error
    return found


def _add(found: Layers, layer: int, opened: Any) -> None:
    left = MOST_TOKENS
    for batch in opened.iter_batches(min(left, 10_000), columns=["scores", "indices"]):
        rows = batch.to_pydict()
        for scores, experts in zip(rows["scores"][:left], rows["indices"][:left], strict=True):
            found.add(layer, [int(one) for one in experts], False, [float(score) for score in scores])
        left -= batch.num_rows
        if left <= 0:
            return
