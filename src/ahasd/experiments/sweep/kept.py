"""What a store has of its sweeps: points with their figures, and how far they are."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.experiments.store.row import Row
from ahasd.experiments.store.store import Store
from ahasd.experiments.sweep.definition import Values
from ahasd.experiments.sweep.run_sweep import POINT, SWEEP

#: Parts of a result that are no figures of it.
_NOT_FIGURES = ("reproduce", "options", "placement", "notes")

#: A figure of a result, or a text of it.
Figure = str | float | bool | None


@dataclass(frozen=True, slots=True)
class KeptPoint:
    """A point, and its row where it has been run."""

    values: Values
    key: str
    row: Row | None

    @property
    def done(self) -> bool:
        """Whether there is a result."""
        return self.row is not None and self.row.state == "done"

    @property
    def reason(self) -> str | None:
        """Why there is none, where it has been tried."""
        return None if self.row is None or self.done else self.row.document

    def figures(self) -> dict[str, Figure]:
        """All single figures of the result by their names, with dots between the groups."""
        return dict(_leaves(json.loads(self.row.document))) if self.row is not None and self.done else {}


@dataclass(frozen=True, slots=True)
class KeptSweep:
    """A sweep of a store.

    Attributes
    ----------
    computed
        How often its points were computed, over all commands on the store: once each, if nothing was computed twice.
        Points that cannot even be looked up are not among them.
    """

    name: str
    points: Sequence[KeptPoint]
    computed: int

    @property
    def done(self) -> int:
        """Points with a result."""
        return sum(point.done for point in self.points)

    @property
    def refused(self) -> int:
        """Points that cannot run."""
        return sum(point.row is not None and point.row.state == "refused" for point in self.points)

    @property
    def failed(self) -> int:
        """Points that were tried and have no result, whoever's fault that is."""
        return sum(point.reason is not None for point in self.points)

    @property
    def missing(self) -> int:
        """Points that have not been tried."""
        return len(self.points) - self.done - self.failed

    @property
    def varied(self) -> list[str]:
        """Names of the fields that are varied."""
        return list(dict.fromkeys(name for point in self.points for name in point.values))


def open_store(path: Path) -> Store:
    """Open a store that is there.

    Raises
    ------
    AhasdError
        There is none, or as of :class:`ahasd.experiments.store.store.Store`.
    """
    if not os.path.lexists(path):
        raise AhasdError(f"there is no store '{path}'; `ahasd sweep run … --output {path}` makes one")
    return Store(path)


def kept_sweeps(store: Store) -> list[KeptSweep]:
    """All sweeps of a store, the one that was asked for last at the end.

    Raises
    ------
    AhasdError
        It has none, or only of another version of the models.
    """
    found = store.of_kind(SWEEP)
    if not found:
        versions = store.other_versions(SWEEP)
        if versions:
            raise AhasdError(
                f"the sweeps in store '{store.path}' are of version {versions[0]} of the models, whose results this "
                "ahasd does not have; the command that ran them runs them anew"
            )
        raise AhasdError(
            f"store '{store.path}' has no sweep; `ahasd sweep run … --output {store.path}` adds one"
        )
    return [_kept(json.loads(row.document), store) for row in found]


def chosen_sweep(store: Store, name: str | None) -> KeptSweep:
    """The sweep of a name, or the one that was asked for last.

    Raises
    ------
    AhasdError
        There is none.
    """
    sweeps = kept_sweeps(store)
    if name is None:
        return sweeps[-1]
    by_name = {sweep.name: sweep for sweep in sweeps}
    if name not in by_name:
        raise UnknownNameError("sweep", name, by_name)
    return by_name[name]


def _kept(document: Mapping[str, Any], store: Store) -> KeptSweep:
    keys: list[str] = document["keys"]
    distinct = list(dict.fromkeys(keys))
    rows = {row.key: row for row in store.rows(distinct)}
    points = [
        KeptPoint(values, key, rows.get(key)) for values, key in zip(document["points"], keys, strict=True)
    ]
    tried = [key for key in distinct if key in rows and rows[key].labels.kind != POINT]
    return KeptSweep(document["name"], points, store.computed(tried))


def _leaves(document: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Figure]]:
    for name, value in document.items():
        if isinstance(value, Mapping):
            if prefix or name not in _NOT_FIGURES:
                yield from _leaves(value, f"{prefix}{name}.")
        elif not isinstance(value, list):
            yield prefix + name, value
