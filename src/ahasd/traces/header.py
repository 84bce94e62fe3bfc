"""What a rollout trace says about itself: the models, the decoding mode and where its prompts came from."""

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Literal, TypeVar, get_args

from ahasd.errors import AhasdError

Mode = Literal["greedy", "sampled"]
N = TypeVar("N", int, float)
FORMAT_NAME = "ahasd-rollout-trace"
FORMAT_VERSION = 1

#: Draft and target of a trace that no models made.
SYNTHETIC = "synthetic"


@dataclass(frozen=True)
class TraceHeader:
    """Where a rollout trace came from.

    Parameters
    ----------
    draft, target
        Names of the two models, without directories.
    tokenizer_hash
        Hash of the tokenizer that both models share.
    mode
        ``"greedy"`` (a draft token is accepted when it is the target's argmax) or ``"sampled"``
        (speculative sampling: accepted with probability min(1, p/q); arXiv 2211.17192, algorithm 1).
    temperature
        Sampling temperature of both models; above 0 when sampled, not used when greedy.
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
        For a mode, temperature, seed or format version outside the above.
    """

    draft: str
    target: str
    tokenizer_hash: str
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
        if self.mode not in get_args(Mode):
            raise AhasdError(f"trace header: mode is '{self.mode}'; must be 'greedy' or 'sampled'")
        if not math.isfinite(self.temperature) or self.temperature < 0:
            raise AhasdError(
                f"trace header: temperature is {self.temperature}; must be finite and at least 0"
            )
        if self.mode == "sampled" and self.temperature == 0:
            raise AhasdError(
                "trace header: temperature is 0 in a sampled trace; must be above 0, or mode greedy"
            )
        if self.seed < 0:
            raise AhasdError(f"trace header: seed is {self.seed}; must be at least 0")

    @property
    def synthetic(self) -> bool:
        """Whether the trace was made from numbers, not recorded from models."""
        return self.draft == self.target == SYNTHETIC

    def to_metadata(self) -> dict[str, str]:
        """Return the header as the string-to-string map that a safetensors file carries."""
        return {"format": FORMAT_NAME} | {name: str(value) for name, value in asdict(self).items()}

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str]) -> "TraceHeader":
        """Read a header back from the metadata of a file.

        Raises
        ------
        AhasdError
            If the metadata is not of a rollout trace, or a field is missing, unknown or not a number.
        """
        if metadata.get("format") != FORMAT_NAME:
            raise AhasdError(
                f"not a rollout trace: its metadata does not say format = {FORMAT_NAME}. "
                "Record one with `ahasd trace record` or make one with `ahasd trace synth`."
            )
        # The version comes first: the fields of another version may differ.
        version = number("format_version", metadata.get("format_version", "missing"), int)
        known = {"format"} | {field.name for field in fields(cls)}
        if version == FORMAT_VERSION:
            missing, unknown = known - metadata.keys() - {"notes"}, metadata.keys() - known
            if missing or unknown:
                said = [f"missing {', '.join(sorted(missing))}"] if missing else []
                said += [f"unknown {', '.join(sorted(unknown))}"] if unknown else []
                raise AhasdError(f"trace header: {'; '.join(said)}")
        return cls(
            draft=metadata.get("draft", ""),
            target=metadata.get("target", ""),
            tokenizer_hash=metadata.get("tokenizer_hash", ""),
            mode=metadata.get("mode", ""),  # type: ignore[arg-type]  # checked on construction
            temperature=number("temperature", metadata.get("temperature", "0"), float),
            seed=number("seed", metadata.get("seed", "0"), int),
            prompts=metadata.get("prompts", ""),
            tool_version=metadata.get("tool_version", ""),
            format_version=version,
            notes=metadata.get("notes", ""),
        )


def number(name: str, text: str, kind: Callable[[str], N]) -> N:
    """Read a number of a header.

    Raises
    ------
    AhasdError
        The text is none.
    """
    try:
        return kind(text)
    except ValueError:
        raise AhasdError(f"trace header: {name} is '{text}', not a number") from None
