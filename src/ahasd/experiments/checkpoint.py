"""Finished cells of a grid in a file, one a line, so that a later call goes on where one was cut off."""

import hashlib
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ahasd.errors import AhasdError
from ahasd.experiments.cell import Cell
from ahasd.speculation.results import SpeculationResult
from ahasd.text_files import DATA_BYTES, parse_json, read_file
from ahasd.whole_files import alone_with, without_links

FORMAT = 2


class Checkpoint:
    """Cells by their index in the grid.

    A line is written and flushed when its cell is finished; a last line that was cut off is dropped. Every line has a
    checksum of its cell, so that none is taken up with another value than it was written with. One process at a time
    has the file.

    Parameters
    ----------
    path
        The file; made if there is none.
    key
        What the results depend on.

    Attributes
    ----------
    cells
        Those that an earlier call finished.

    Raises
    ------
    AhasdError
        The file belongs to another grid, is no checkpoint, has been altered, is in use, or cannot be read or written.
    """

    def __init__(self, path: Path, key: str) -> None:
        self.path = path
        self.cells: dict[int, Cell] = {}
        header = {"format": FORMAT, "key": key}
        try:
            self._file = open(path, "ab", buffering=0, opener=without_links)  # noqa: SIM115  # for as long as this is
            alone_with(self._file, path)
            content = read_file(path, "checkpoint", DATA_BYTES)
            whole = content[: content.rfind(b"\n") + 1]
            if whole:
                self._read(whole, header)
            self._file.truncate(len(whole))
            if not whole:
                self._file.write(json.dumps(header).encode() + b"\n")
        except OSError as error:
            raise AhasdError(f"checkpoint '{path}': {error.strerror or error}") from error

    def add(self, index: int, cell: Cell) -> None:
        """Append a finished cell."""
        document = asdict(replace(cell, results=())) | {
            "results": [result.model_dump(mode="json") for result in cell.results],
            "index": index,
        }
        line = json.dumps({"sha256": _sha256(document), "cell": document}, ensure_ascii=False) + "\n"
        try:
            self._file.write(line.encode())  # at once: nothing is buffered
        except OSError as error:
            raise AhasdError(
                f"checkpoint '{self.path}' cannot be written: {error.strerror or error}"
            ) from error

    def close(self) -> None:
        """Let other processes have the file."""
        self._file.close()

    def _read(self, content: bytes, header: dict[str, Any]) -> None:
        not_ours = f"checkpoint '{self.path}' is not one of ours; remove it or choose another folder"
        try:
            found, *lines = [parse_json(line.decode(), "a line") for line in content.splitlines()]
        except (ValueError, AhasdError) as error:
            raise AhasdError(f"{not_ours} ({error})") from error
        if not isinstance(found, dict) or "key" not in found:
            raise AhasdError(not_ours)
        if found != header:
            raise AhasdError(
                f"checkpoint '{self.path}' holds the unfinished runs of another configuration or version of ahasd: "
                "finish them with the same command, remove the file, or choose another folder"
            )
        for number, line in enumerate(lines, start=2):
            try:
                cell = dict(line["cell"])
                if line["sha256"] != _sha256(cell):
                    raise ValueError("its checksum is another")
                index = cell.pop("index")
                cell |= {name: tuple(cell[name]) for name in ("joules_low", "joules_high", "varied")}
                cell["results"] = tuple(
                    SpeculationResult.model_validate(result) for result in cell["results"]
                )
                self.cells[index] = Cell(**cell)
            except (KeyError, TypeError, ValueError, ValidationError, AhasdError) as error:
                raise AhasdError(
                    f"checkpoint '{self.path}', line {number}: altered since it was written ({error}); remove the "
                    "line, and its cell is run again"
                ) from error


def _sha256(document: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
