"""A run of a configuration with a seed as a task, and back from what the store has of it."""

import hashlib
import json
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from ahasd.experiments.energy_corners import at_corner
from ahasd.experiments.executors.batch import Figures, Task
from ahasd.experiments.executors.worker import trace_of
from ahasd.experiments.model_version import MODEL_VERSION
from ahasd.experiments.shelf import Shelf
from ahasd.experiments.store.row import Labels, Row
from ahasd.hardware.preset.documents import is_file_name
from ahasd.speculation.configuration import Resolved, RunConfiguration, freeze, resolve
from ahasd.speculation.recall.recall import Recall
from ahasd.speculation.results import SpeculationResult

#: Configurations that a worker keeps looked up: those of a machine with its algorithms (ours).
SETTLED = 8


@dataclass(frozen=True, slots=True)
class Place:
    """What configurations have in common that differ in algorithm and seed only.

    Attributes
    ----------
    about
        All that results depend on but algorithm, seed and end, as JSON: with the contents of named files.
    machine
        Hash of all that a machine is built from, and of what else is asked of it but the trace.
    devices
        Hash of what step costs depend on, but for the system.
    """

    about: str
    machine: str
    devices: str
    labels: Labels


def place_of(resolved: Resolved) -> Place:
    """Write out what the names of a configuration stand for."""
    frozen = freeze(resolved)
    about = {
        "model_version": MODEL_VERSION,
        "configuration": frozen.model_dump(
            mode="json", exclude={"algorithm", "seed", "trace", "pair", "models"}
        ),
        "models": [model.model_dump(mode="json") for model in (resolved.pair.draft, resolved.pair.target)],
        "trace": [resolved.trace_name, resolved.trace_sha256],
        "break_even": False,
    }
    asked = resolved.configuration
    hardware = asked.hardware if isinstance(asked.hardware, str) else resolved.preset.hardware.name
    machine = {name: value for name, value in about.items() if name != "trace"}
    return Place(
        json.dumps(about, sort_keys=True),
        _sha256(json.dumps(machine, sort_keys=True)),
        _sha256(json.dumps([about["models"], frozen.hardware], sort_keys=True)),
        Labels("run", resolved.pair.name, resolved.system.name, hardware, tokens=asked.tokens),
    )


def run_key(place: Place, algorithm: str, seed: int, end: int | None = None) -> str:
    """Under which a run is kept.

    Parameters
    ----------
    end
        Of the energy constants' ranges, None for the constants as they are.
    """
    return _sha256(f"{place.about}\n{algorithm}\n{seed}\n{end}")


def without_files(resolved: Resolved) -> RunConfiguration:
    """A configuration that another machine can resolve: what is in files of a user's is written out.

    A trace of a file is sent by itself.
    """
    asked = resolved.configuration
    from_files = isinstance(asked.hardware, str) and is_file_name(asked.hardware)
    if from_files or asked.names_model_files:
        return freeze(resolved)
    return asked


def run_task(
    place: Place, document: str, algorithm: str, seed: int, end: int | None, trace_sha256: str
) -> Task:
    """A run as a task.

    Parameters
    ----------
    document
        The configuration as JSON, of :func:`without_files`; its seed is not used.
    """
    return Task(
        run_key(place, algorithm, seed, end),
        place.machine,
        run_once,
        (document, seed, end, trace_sha256),
        replace(place.labels, algorithm=algorithm, seed=seed, end=end),
    )


def run_once(document: str, seed: int, end: int | None, trace_sha256: str) -> Figures:
    """Run, in a worker; step costs, and what seeds have in common, are kept for the next."""
    result = _shelf().run(_resolved(document, end, trace_sha256), seed, documents=False)
    return Figures(result.model_dump_json(), result.tokens_per_second, result.joules_per_token)


def result_of(row: Row) -> SpeculationResult:
    """The result of a run that could be run.

    Raises
    ------
    ValidationError
        It was written by another version that should have had another number.
    """
    return SpeculationResult.model_validate_json(row.document)


@lru_cache(maxsize=SETTLED)
def _resolved(document: str, end: int | None, trace_sha256: str) -> Resolved:
    resolved = resolve(RunConfiguration.model_validate_json(document), trace=trace_of(trace_sha256))
    return resolved if end is None else at_corner(resolved, end)


@cache
def _shelf() -> Shelf:
    """The one of this process."""
    return Shelf(recall=Recall())


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
