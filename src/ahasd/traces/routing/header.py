"""What a routing trace says about itself: the mixture, how the text was made and where its prompts came from."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from ahasd.errors import AhasdError
from ahasd.traces.header_fields import SYNTHETIC, Mode, check_common, common_fields, number

FORMAT_NAME = "ahasd-routing-trace"
FORMAT_VERSION = 1


@dataclass(frozen=True)
class RoutingHeader:
    """Where a routing trace came from.

    Parameters
    ----------
    model
        Name of the mixture, without directories.
    experts
        Routed experts of a layer; all layers have as many.
    layers
        Numbers, within the model, of the layers that have experts, rising; row l of the tensors is layer
        ``layers[l]`` of the model.
    tokenizer_hash
        Hash of the tokenizer; "none" where it is not known.
    mode, temperature
        How the continuations were written: ``"greedy"``, or ``"sampled"`` at a temperature above 0.
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
    experts: int
    layers: tuple[int, ...]
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
        if not 1 <= self.experts <= 2**15:
            raise AhasdError(f"trace header: experts is {self.experts}; must be 1 to {2**15}")
        if not self.layers or list(self.layers) != sorted(set(self.layers)) or self.layers[0] < 0:
            raise AhasdError(
                f"trace header: layers are {self.layers}; must be numbers of layers, at least one, rising"
            )

    @property
    def synthetic(self) -> bool:
        """Whether the trace was made from numbers, not recorded from a model."""
        return self.model == SYNTHETIC

    def to_metadata(self) -> dict[str, str]:
        """Return the header as the string-to-string map that a safetensors file carries."""
        plain = {name: str(value) for name, value in asdict(self).items()}
        return {"format": FORMAT_NAME} | plain | {"layers": ",".join(map(str, self.layers))}

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str]) -> "RoutingHeader":
        """Read a header back from the metadata of a file.

        Raises
        ------
        AhasdError
            If the metadata is not of a routing trace, or a field is missing, unknown or not a number.
        """
        if metadata.get("format") != FORMAT_NAME:
            raise AhasdError(
                f"not a routing trace: its metadata does not say format = {FORMAT_NAME}. "
                "Make one with `ahasd trace import` or write synthetic-routing:…"
            )
        common = common_fields(metadata, cls, FORMAT_VERSION)
        return cls(
            model=metadata.get("model", ""),
            experts=number("experts", metadata.get("experts", "0"), int),
            layers=tuple(number("layers", part, int) for part in metadata.get("layers", "").split(",")),
            **common,
        )
