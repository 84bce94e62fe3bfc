"""What an attention trace says about itself: the model, its pages, how the text was made."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import get_args

from ahasd.errors import AhasdError
from ahasd.traces.header import SYNTHETIC, Mode, number

FORMAT_NAME = "ahasd-attention-trace"
FORMAT_VERSION = 1

#: Fields that are whole numbers, and the least that each may be.
_LEAST = {"queries": 1, "page": 1, "budget": 1, "sink": 0, "recent": 1, "seed": 0}


@dataclass(frozen=True)
class AttentionHeader:
    """Where an attention trace came from.

    Parameters
    ----------
    model
        Name of the model, without directories.
    queries
        Query heads that share a key-value head.
    page, budget
        Tokens of a page, and of the pages that a head may choose.
    sink, recent
        First and last tokens that every head reads; the pages that they touch are read always and never chosen.
    mode, temperature
        How the text was written: ``"greedy"``, or ``"sampled"`` at a temperature.
    seed
        Seed of the recording, at least 0.
    prompts
        Source of the prompts, in words.
    tool_version
        Version of the tool that wrote the trace.
    format_version
        Version of the file format; this release reads and writes 1.
    notes
        Anything else a reader should know.

    Raises
    ------
    AhasdError
        For a value outside the above.
    """

    model: str
    queries: int
    page: int
    budget: int
    sink: int
    recent: int
    mode: Mode
    temperature: float
    seed: int
    prompts: str
    tool_version: str
    format_version: int = FORMAT_VERSION
    notes: str = ""

    def __post_init__(self) -> None:
        if self.format_version != FORMAT_VERSION:
            raise AhasdError(
                f"trace header: format version {self.format_version} is not supported; this release reads "
                f"version {FORMAT_VERSION}. Record the trace again or install the release that wrote it."
            )
        for name, least in _LEAST.items():
            if getattr(self, name) < least:
                raise AhasdError(f"trace header: {name} is {getattr(self, name)}; must be at least {least}")
        if self.budget < self.page:
            raise AhasdError(f"trace header: budget {self.budget} is below a page of {self.page} tokens")
        if self.mode not in get_args(Mode):
            raise AhasdError(f"trace header: mode is '{self.mode}'; must be 'greedy' or 'sampled'")
        if not math.isfinite(self.temperature) or self.temperature < 0:
            raise AhasdError(
                f"trace header: temperature is {self.temperature}; must be finite and at least 0"
            )

    @property
    def synthetic(self) -> bool:
        """Whether the trace was made from numbers, not recorded from a model."""
        return self.model == SYNTHETIC

    def to_metadata(self) -> dict[str, str]:
        """Return the header as the string-to-string map that a safetensors file carries."""
        return {"format": FORMAT_NAME} | {name: str(value) for name, value in asdict(self).items()}

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str]) -> "AttentionHeader":
        """Read a header back from the metadata of a file.

        Raises
        ------
        AhasdError
            If the metadata is not of an attention trace, or a field is missing, unknown or not a number.
        """
        if metadata.get("format") != FORMAT_NAME:
            raise AhasdError(
                f"not an attention trace: its metadata does not say format = {FORMAT_NAME}; "
                "write synthetic-attention:… for one that is made up"
            )
        version = number("format_version", metadata.get("format_version", "missing"), int)
        known = {"format"} | {field.name for field in fields(cls)}
        if version == FORMAT_VERSION:
            missing, unknown = known - metadata.keys() - {"notes"}, metadata.keys() - known
            if missing or unknown:
                said = [f"missing {', '.join(sorted(missing))}"] if missing else []
                said += [f"unknown {', '.join(sorted(unknown))}"] if unknown else []
                raise AhasdError(f"trace header: {'; '.join(said)}")
        return cls(
            model=metadata.get("model", ""),
            **{name: number(name, metadata.get(name, str(least)), int) for name, least in _LEAST.items()},
            mode=metadata.get("mode", ""),  # type: ignore[arg-type]  # checked on construction
            temperature=number("temperature", metadata.get("temperature", "0"), float),
            prompts=metadata.get("prompts", ""),
            tool_version=metadata.get("tool_version", ""),
            format_version=version,
            notes=metadata.get("notes", ""),
        )
