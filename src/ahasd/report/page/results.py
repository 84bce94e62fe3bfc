"""Finding results in folders and files, and reading them; whatever else lies there is refused with the reason."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ahasd.errors import AhasdError
from ahasd.report.pictures.columns import Columns, read_details
from ahasd.report.pictures.view import Shown, Window
from ahasd.report.pictures.views import view_of
from ahasd.text_files import DATA_BYTES, parse_json, read_text

#: Files that commands write into their folders, and what each begins from; the first that is there is read.
NAMES = ("results.json", "ranking.json", "ablation.json", "claims.json", "order.json", "plan.json")

#: Beside the results of a run.
DETAILS = "details.json"


@dataclass(frozen=True, slots=True)
class Results:
    """Results that were read.

    Attributes
    ----------
    name
        As a reader tells them from others: their folder, or their file.
    """

    path: Path
    name: str
    document: Mapping[str, Any]
    details: Mapping[str, Columns]

    def show(self, window: Window | None = None) -> Shown:
        """Lay them out.

        Raises
        ------
        AhasdError
            They are of another version, or damaged; the message names the file.
        """
        try:
            return view_of(self.document, f"'{self.path}'").show(self.document, self.details, window)
        except AhasdError as error:
            raise AhasdError(f"'{self.path}': {error}") from error


def read_results(places: Sequence[Path]) -> list[Results]:
    """Read what lies at each place: a file, a folder of results, or a folder of such folders.

    Raises
    ------
    AhasdError
        Nothing is there, or it cannot be read.
    """
    paths = [path for place in places for path in _files(place)]
    return [_read(path, _name(path, paths)) for path in paths]


def _files(place: Path) -> Iterator[Path]:
    if not place.is_dir():
        yield place
        return
    found = list(_in_folder(place))
    if not found:
        found = [path for folder in sorted(place.iterdir()) if folder.is_dir() for path in _in_folder(folder)]
    if not found:
        raise AhasdError(
            f"folder '{place}' holds no results ({', '.join(NAMES)}); `ahasd run --output '{place}'` puts some there"
        )
    yield from found


def _in_folder(folder: Path) -> Iterator[Path]:
    return (folder / name for name in NAMES if (folder / name).is_file())


def _name(path: Path, among: Sequence[Path]) -> str:
    """The folder's name where all files are called alike."""
    alike = path.name in NAMES and sum(other.parent == path.parent for other in among) == 1
    return path.resolve().parent.name if alike else path.stem


def _read(path: Path, name: str) -> Results:
    document = parse_json(read_text(path, "results", DATA_BYTES), f"results '{path}'")
    if not isinstance(document, dict):
        raise AhasdError(f"results '{path}' must hold one JSON object")
    beside = path.parent / DETAILS
    details: Mapping[str, Columns] = {}
    if path.name == "results.json" and beside.is_file():
        where = f"details '{beside}'"
        details = read_details(parse_json(read_text(beside, "details", DATA_BYTES), where), where)
    return Results(path, name, document, details)
