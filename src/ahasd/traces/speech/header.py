"""What a speech trace says about itself: the models, the rule of decoding and where the clips came from."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from ahasd.errors import AhasdError
from ahasd.traces.header_fields import check_version, number, read_version

FORMAT_NAME = "ahasd-speech-trace"
FORMAT_VERSION = 1


@dataclass(frozen=True)
class SpeechHeader:
    """Where a speech trace came from. Speech is decoded greedily; there is nothing to draw.

    Parameters
    ----------
    draft, target
        Names of the two models, without directories.
    shared_encoder
        Whether the draft attends to the target's encoder; otherwise one of its own hears every clip too.
    tokenizer_hash
        Hash of the target's tokenizer, in whose tokens the trace is.
    retokenised
        Whether the draft has another tokenizer, so that its text was written in the target's tokens.
    end_token
        The token that ends a text.
    prompt_tokens
        Tokens that every transcript of the target begins with, which nobody drafts.
    timestamps
        Whether both models wrote times.
    clips
        Source of the clips, in words; whether the voices are real or synthesised.
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

    draft: str
    target: str
    shared_encoder: bool
    tokenizer_hash: str
    retokenised: bool
    end_token: int
    prompt_tokens: int
    timestamps: bool
    clips: str
    tool_version: str
    format_version: int = FORMAT_VERSION
    notes: str = ""

    def __post_init__(self) -> None:
        check_version(self.format_version, FORMAT_VERSION)
        if self.end_token < 0:
            raise AhasdError(f"trace header: end_token is {self.end_token}; must be a token")
        if self.prompt_tokens < 1:
            raise AhasdError(f"trace header: prompt_tokens is {self.prompt_tokens}; must be at least 1")
        if self.shared_encoder and self.retokenised:
            raise AhasdError("trace header: a draft that shares the encoder shares the tokenizer too")

    def to_metadata(self) -> dict[str, str]:
        """Return the header as the string-to-string map that a safetensors file carries."""
        return {"format": FORMAT_NAME} | {name: str(value) for name, value in asdict(self).items()}

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str]) -> "SpeechHeader":
        """Read a header back from the metadata of a file.

        Raises
        ------
        AhasdError
            If the metadata is not of a speech trace, or a field is missing, unknown or of another kind.
        """
        if metadata.get("format") != FORMAT_NAME:
            raise AhasdError(
                f"not a speech trace: its metadata does not say format = {FORMAT_NAME}. "
                "Record one with `ahasd trace record-speech`."
            )
        version = read_version(metadata, cls, FORMAT_VERSION)
        return cls(
            draft=metadata.get("draft", ""),
            target=metadata.get("target", ""),
            shared_encoder=_yes("shared_encoder", metadata),
            tokenizer_hash=metadata.get("tokenizer_hash", ""),
            retokenised=_yes("retokenised", metadata),
            end_token=number("end_token", metadata.get("end_token", "0"), int),
            prompt_tokens=number("prompt_tokens", metadata.get("prompt_tokens", "1"), int),
            timestamps=_yes("timestamps", metadata),
            clips=metadata.get("clips", ""),
            tool_version=metadata.get("tool_version", ""),
            format_version=version,
            notes=metadata.get("notes", ""),
        )


def _yes(name: str, metadata: Mapping[str, str]) -> bool:
    text = metadata.get(name, "False")
    if text not in ("True", "False"):
        raise AhasdError(f"trace header: {name} is '{text}'; must be True or False")
    return text == "True"
