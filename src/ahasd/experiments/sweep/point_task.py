"""A point of a sweep as a task, whatever its family."""

import hashlib
import os
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ahasd.experiments.executors.batch import Figures, Task
from ahasd.experiments.look_up import LookUp, worker_document
from ahasd.experiments.model_version import MODEL_VERSION
from ahasd.experiments.run_task import run_task
from ahasd.experiments.store.row import Labels
from ahasd.family.configuration import Configuration
from ahasd.speculation.configuration import RunConfiguration
from ahasd.systems.families import load_family
from ahasd.systems.simulate import configure, start
from ahasd.text_files import DATA_BYTES, read_file


@dataclass(frozen=True, slots=True)
class Ordered:
    """A task with what tasks are ordered by, so that those that share step costs lie side by side."""

    task: Task
    devices: str


def point_task(values: dict[str, Any], looking: LookUp) -> Ordered:
    """Look a point up.

    Parameters
    ----------
    values
        Of a configuration.

    Raises
    ------
    AhasdError
        It cannot run: a value is out of range, or something does not exist or does not fit.
    """
    family, configuration = configure(values)
    if isinstance(configuration, RunConfiguration):
        found = looking.of(configuration)
        document = worker_document(configuration, found.first)
        sha256, algorithm = found.first.trace_sha256, configuration.algorithm
        task = run_task(found.place, document, algorithm, configuration.seed, None, sha256)
        return Ordered(task, found.place.devices)
    return _family_task(family.name, configuration)


def run_of_family(family: str, document: str) -> Figures:
    """Run, in a worker, a configuration of any family."""
    configuration = load_family(family).configuration.model_validate_json(document)
    result = start(configuration).result()
    speed, joules = (getattr(result, name, None) for name in ("tokens_per_second", "joules_per_token"))
    return Figures(result.model_dump_json(), speed, joules)


def _family_task(family: str, configuration: Configuration) -> Ordered:
    document = configuration.model_dump_json()
    values = configuration.model_dump()
    files = [_content(value) for value in values.values() if isinstance(value, str)]
    key = hashlib.sha256(f"{MODEL_VERSION}\n{family}\n{document}\n{files}".encode()).hexdigest()
    system = values["system"] if isinstance(values["system"], str) else values["system"].get("name", "")
    hardware = values["hardware"] if isinstance(values["hardware"], str) else ""
    labels = Labels("run", "", system, hardware, seed=configuration.seed)
    return Ordered(Task(key, family, run_of_family, (family, document), labels), family)


def _content(value: str) -> str:
    """What a file holds that a value names, since the name alone does not say it; nothing for other values."""
    return _hash(value, os.stat(value).st_mtime_ns) if os.path.isfile(value) else ""


@lru_cache
def _hash(path: str, changed_ns: int) -> str:
    return hashlib.sha256(read_file(path, "file", DATA_BYTES)).hexdigest()
