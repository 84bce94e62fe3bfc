"""What a grid's results depend on, as one number: configurations, files that they name, and this package."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from ahasd import __version__
from ahasd.speculation.configuration import Resolved, RunConfiguration

#: Files of the package that results depend on.
_KINDS = (".py", ".yaml", ".safetensors")


def grid_key(
    configurations: Sequence[RunConfiguration],
    seeds: Sequence[int],
    places: Sequence[Resolved],
    energy_range: bool = False,
) -> str:
    """Hash the configurations in their order, the seeds, and what the names stand for.

    Parameters
    ----------
    places
        The configurations looked up: contents of hardware files, models and traces count, not their paths alone.
    """
    document = {
        "package": package_sha256(),
        "configurations": [configuration.model_dump(mode="json") for configuration in configurations],
        "seeds": list(seeds),
        "energy_range": energy_range,
        "places": [
            {
                "hardware": place.preset.hardware.model_dump(mode="json"),
                "models": [model.model_dump(mode="json") for model in (place.pair.draft, place.pair.target)],
                "trace": place.trace_sha256,
            }
            for place in places
        ],
    }
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


@cache
def package_sha256() -> str:
    """Hash of the installed package's version and files, so that changed models are not mixed with older results."""
    digest = hashlib.sha256(__version__.encode())
    for name, content in _files(resources.files("ahasd"), ""):
        digest.update(name.encode() + b"\0" + content)
    return digest.hexdigest()


def _files(folder: Traversable, path: str) -> Iterator[tuple[str, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _files(entry, f"{path}{entry.name}/")
        elif entry.name.endswith(_KINDS):
            yield path + entry.name, entry.read_bytes()
