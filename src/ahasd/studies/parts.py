"""Parts of a study as tasks: what each depends on, and back from what the store has of them."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, is_dataclass
from typing import Any

from pydantic import TypeAdapter

from ahasd.errors import AhasdError
from ahasd.experiments.executors.batch import Figures, Task
from ahasd.experiments.model_version import MODEL_VERSION
from ahasd.experiments.store.row import Labels, Row
from ahasd.workload.pair import load_pair

#: A function of a study and its arguments; it returns a dataclass of figures.
Part = tuple[Callable[..., Any], Sequence[Any]]


def part_task(part: Part) -> Task:
    """A part as a task.

    A pair's name stands for its models, which may lie in files; all else that parts name is of the package, and
    counts by :data:`~ahasd.experiments.model_version.MODEL_VERSION`.

    Raises
    ------
    AhasdError
        There is no such pair.
    """
    function, arguments = part
    pairs = [argument for argument in arguments if isinstance(argument, str) and ":" in argument]
    about = [MODEL_VERSION, function.__module__, function.__qualname__, list(arguments), *map(_models, pairs)]
    labels = Labels(f"study:{function.__name__}", pairs[0] if pairs else "")
    key = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()
    return Task(key, key, compute, (function, tuple(arguments)), labels)


def compute(function: Callable[..., Any], arguments: Sequence[Any]) -> Figures:
    """Compute a part, in a worker."""
    found = function(*arguments)
    assert is_dataclass(found)
    assert not isinstance(found, type)
    return Figures(json.dumps(asdict(found)))


def figures_of(row: Row, kind: type[Any]) -> Any:
    """What a part came to.

    Raises
    ------
    AhasdError
        It could not be computed; the message says why.
    """
    if row.state != "done":
        raise AhasdError(row.document)
    return TypeAdapter(kind).validate_json(row.document)


def _models(pair: str) -> list[dict[str, Any]]:
    models = load_pair(pair)
    return [model.model_dump(mode="json") for model in (models.draft, models.target)]
