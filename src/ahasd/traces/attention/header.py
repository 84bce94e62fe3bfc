"""What an attention trace says about itself: the model, its pages, how the text was made."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ahasd.errors import AhasdError
from ahasd.traces.header_fields import SYNTHETIC, Mode, check_common, common_fields, number

FORMAT_NAME = "ahasd-attention-trace"
FORMAT_VERSION = 1

#: Fields that are whole numbers, and the least that each may be.
_LEAST = {"queries": 1, "page": 1, "budget": 1, "sink": 0, "recent": 1}


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
    tokenizer_hash
        Hash of the tokenizer; "none" where it is not known.
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
    tokenizer_hash: str
    mode: Mode
    temperature: float
    seed: int
    prompts: str
    tool_version: str
    format_version: int = FORMAT_VERSION
    notes: str = ""

    def __post_init__(self) -> None:
        check_common(self.format_version, self.mode, self.temperature, self.seed, FORMAT_VERSION)
        for name, least in _LEAST.items():
            if getattr(self, name) < least:
                raise AhasdError(f"trace header: {name} is {getattr(self, name)}; must be at least {least}")
        if self.budget < self.page:
            raise AhasdError(f"trace header: budget {self.budget} is below a page of {self.page} tokens")

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
        common = common_fields(metadata, cls, FORMAT_VERSION)
        whole: dict[str, Any] = {
            name: number(name, metadata.get(name, str(least)), int) for name, least in _LEAST.items()
        }
        return cls(model=metadata.get("model", ""), **whole, **common)
