"""Finished cells of a grid in a file, one a line, so that a later call goes on where one was cut off."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ahasd.errors import AhasdError
from ahasd.experiments.cell import Cell
from ahasd.speculation.results import SpeculationResult

FORMAT = 1


class Checkpoint:
    """Cells by their index in the grid.

    A line is written and flushed when its cell is finished; a last line that was cut off is dropped.

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
        The file belongs to another grid, is no checkpoint, or cannot be read or written.
    """

    def __init__(self, path: Path, key: str) -> None:
        self.path = path
        self.cells: dict[int, Cell] = {}
        header = {"format": FORMAT, "key": key}
        try:
            content = path.read_bytes() if path.exists() else b""
            whole = content[: content.rfind(b"\n") + 1]
            if whole:
                self._read(whole, header)
                if len(whole) < len(content):
                    with path.open("r+b") as file:
                        file.truncate(len(whole))
            else:
                path.write_text(json.dumps(header) + "\n", encoding="utf-8")
        except OSError as error:
            raise AhasdError(f"checkpoint '{path}': {error.strerror or error}") from error

    def add(self, index: int, cell: Cell) -> None:
        """Append a finished cell."""
        document = asdict(replace(cell, results=())) | {
            "results": [result.model_dump(mode="json") for result in cell.results],
            "index": index,
        }
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(document, ensure_ascii=False) + "\n")
        except OSError as error:
            raise AhasdError(
                f"checkpoint '{self.path}' cannot be written: {error.strerror or error}"
            ) from error

    def _read(self, content: bytes, header: dict[str, Any]) -> None:
        try:
            found, *lines = [json.loads(line) for line in content.splitlines()]
        except ValueError as error:
            raise AhasdError(
                f"checkpoint '{self.path}' is not one of ours; remove it or choose another folder"
            ) from error
        if found != header:
            raise AhasdError(
                f"checkpoint '{self.path}' holds the unfinished runs of another configuration or version of ahasd: "
                "finish them with the same command, remove the file, or choose another folder"
            )
        for line in lines:
            index = line.pop("index")
            line |= {name: tuple(line[name]) for name in ("joules_low", "joules_high", "varied")}
            line["results"] = tuple(SpeculationResult.model_validate(result) for result in line["results"])
            self.cells[index] = Cell(**line)
