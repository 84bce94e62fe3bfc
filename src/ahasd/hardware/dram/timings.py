"""The timing sets that come with the package, each with its channel and its sources."""

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from ahasd.errors import UnknownNameError
from ahasd.hardware.dram.organisation import ChannelOrganisation, Scheduling
from ahasd.hardware.dram.timing import DramTiming, timing_from_document
from ahasd.yaml_text import read_yaml


@dataclass(frozen=True, slots=True)
class TimingSet:
    """A memory: its timing, its channel, and where the numbers come from.

    Attributes
    ----------
    name, description
        What it is.
    timing, organisation
        The numbers.
    source
        Where the fields come from that ``sources`` does not name.
    sources
        (field, source) of the others.
    """

    name: str
    description: str
    timing: DramTiming
    organisation: ChannelOrganisation
    source: str
    sources: tuple[tuple[str, str], ...]

    def source_of(self, field: str) -> str:
        """Where a field comes from."""
        return dict(self.sources).get(field, self.source)


def timing_names() -> list[str]:
    """Names of the timing sets."""
    return sorted(
        entry.name.removesuffix(".yaml") for entry in _folder().iterdir() if entry.name.endswith(".yaml")
    )


@lru_cache(maxsize=32)
def load_timing_set(name: str) -> TimingSet:
    """Load a memory by name.

    Raises
    ------
    UnknownNameError
        There is no such set.
    """
    if name not in timing_names():
        raise UnknownNameError("timing set", name, timing_names())
    document: dict[str, Any] = read_yaml((_folder() / f"{name}.yaml").read_text(encoding="utf-8"))
    organisation = dict(document["organisation"])
    organisation["scheduling"] = Scheduling(organisation["scheduling"])
    return TimingSet(
        name,
        document["description"],
        timing_from_document(name, document["timing"]),
        ChannelOrganisation(**organisation),
        document["source"],
        tuple((key, str(text)) for key, text in document["sources"].items()),
    )


def load_timing(name: str) -> DramTiming:
    """Load a timing set by name.

    Raises
    ------
    UnknownNameError
        There is no such set.
    """
    return load_timing_set(name).timing


def _folder() -> Any:
    return resources.files("ahasd.hardware.dram") / "timing_sets"
