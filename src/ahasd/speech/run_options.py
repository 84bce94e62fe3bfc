"""What can be chosen of a run of speech."""

from typing import Annotated, Any, Literal

from annotated_types import Ge

from ahasd.family.run_options import Help, RunOptions


class SpeechOptions(RunOptions):
    """Options of such a run. Weights, keys, values and activations have 16 bits unless told otherwise."""

    system: Annotated[str | dict[str, Any], Help("See `ahasd list systems`.")] = "specasr"
    pair: Annotated[str, Help("DRAFT:TARGET, of `ahasd list speech`, or two models of the zoo")] = (
        "whisper-tiny.en:whisper-base"
    )
    trace: Annotated[
        str,
        Help(
            "A speech trace: own (the shipped one of the pair, or else whisper-tiny.en-base-real), a name, a file or "
            "synthetic-speech:agreement=A,doubt=D"
        ),
    ] = "own"
    audio_encoder: Annotated[
        str,
        Help(
            "Of systems of speech whose pair has no encoder: a model of `ahasd list speech` whose both then hear by"
        ),
    ] = "whisper-large-v3"
    sound_tokens: Annotated[
        int, Ge(1), Help("Tokens of such a pair's prompt for a window of 30 s of sound")
    ] = 300
    weight_bits: Annotated[Literal[4, 8, 16], Help("Bits of a weight")] = 16
    kv_bits: Annotated[Literal[4, 8, 16], Help("Bits of a key or value")] = 16
    activation_bits: Annotated[Literal[4, 8, 16], Help("Bits of an activation")] = 16


RUN_OPTIONS = SpeechOptions
