"""What a rollout trace says about itself: the models, the decoding mode and where its prompts came from."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from ahasd.errors import AhasdError
from ahasd.traces.header_fields import SYNTHETIC, Mode, check_common, common_fields

__all__ = ["SYNTHETIC", "Mode", "TraceHeader"]

FORMAT_NAME = "ahasd-rollout-trace"
FORMAT_VERSION = 1


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
        check_common(self.format_version, self.mode, self.temperature, self.seed, FORMAT_VERSION)
        if self.mode == "sampled" and self.temperature == 0:
            raise AhasdError(
                "trace header: temperature is 0 in a sampled trace; must be above 0, or mode greedy"
            )

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
        common = common_fields(metadata, cls, FORMAT_VERSION)
        return cls(draft=metadata.get("draft", ""), target=metadata.get("target", ""), **common)
