"""What a tree trace says about itself: the model, its heads, how the text was made and where its prompts are from."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from ahasd.errors import AhasdError
from ahasd.traces.header_fields import SYNTHETIC, Mode, check_common, common_fields, number

FORMAT_NAME = "ahasd-tree-trace"
FORMAT_VERSION = 1


@dataclass(frozen=True)
class TreeHeader:
    """Where a tree trace came from.

    Parameters
    ----------
    model
        Name of the target, without directories.
    heads
        What guessed, in a word or two: the name of the heads, or of another way to guess.
    early_layers
        Layers after which an early guess was recorded, rising, 1 being after the first; empty if none was.
    tokenizer_hash
        Hash of the target's tokenizer; "none" where there is none.
    mode, temperature
        How the text was written: ``"greedy"``, or ``"sampled"`` at a temperature above 0.
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
    heads: str
    early_layers: tuple[int, ...]
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
        layers = self.early_layers
        if list(layers) != sorted(set(layers)) or (layers and layers[0] < 1):
            raise AhasdError(
                f"trace header: early_layers are {layers}; must be numbers of layers from 1 on, rising"
            )

    @property
    def synthetic(self) -> bool:
        """Whether the trace was made from numbers, not recorded from a model."""
        return self.model == SYNTHETIC

    def to_metadata(self) -> dict[str, str]:
        """Return the header as the string-to-string map that a safetensors file carries."""
        plain = {name: str(value) for name, value in asdict(self).items()}
        return {"format": FORMAT_NAME} | plain | {"early_layers": ",".join(map(str, self.early_layers))}

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str]) -> "TreeHeader":
        """Read a header back from the metadata of a file.

        Raises
        ------
        AhasdError
            If the metadata is not of a tree trace, or a field is missing, unknown or not a number.
        """
        if metadata.get("format") != FORMAT_NAME:
            raise AhasdError(
                f"not a tree trace: its metadata does not say format = {FORMAT_NAME}. Write synthetic-tree:… for "
                "one that is made up."
            )
        common = common_fields(metadata, cls, FORMAT_VERSION)
        layers = filter(None, metadata.get("early_layers", "").split(","))
        return cls(
            model=metadata.get("model", ""),
            heads=metadata.get("heads", ""),
            early_layers=tuple(number("early_layers", part, int) for part in layers),
            **common,
        )
