"""What can be chosen of a run of speculative decoding."""

from typing import Annotated, Any, Literal

from annotated_types import Ge, Le

from ahasd.family.run_options import Help, RunOptions
from ahasd.traces.default import DEFAULT_TRACE


class SpeculationOptions(RunOptions):
    """Options of a run of speculative decoding."""

    pair: Annotated[str, Help("DRAFT:TARGET, names of models, or paths of config.json or .gguf")] = (
        "llama2-7b:llama2-13b"
    )
    algorithm: Annotated[
        str, Help("See `ahasd list algorithms`; e.g. adaedl, svip:h=0.5, fixed:4, adaedl:calibrated=4, none")
    ] = "adaedl"
    system: Annotated[str | dict[str, Any], Help("See `ahasd list systems`.")] = "ahasd"
    trace: Annotated[str, Help("A name, a file, synthetic:acceptance=A,auc=B or synthetic-tree:…")] = (
        DEFAULT_TRACE
    )
    coins: Annotated[
        Literal["redrawn", "recorded"], Help("Coins of a sampled trace, by the seed or as they fell")
    ] = "redrawn"
    tokens: Annotated[int, Ge(1), Help("Tokens to generate, of each text")] = 1024
    prompt_tokens: Annotated[int, Ge(1), Help("Tokens of the prompt")] = 128
    batch: Annotated[int, Ge(1), Le(256), Help("Texts at once, with trees or the target alone")] = 1
    seed: Annotated[int, Ge(0), Help("Starting prompt, coins, tails")] = 0
    weight_bits: Annotated[
        Literal[4, 8, 16] | None,
        Help("Bits of a weight, without scales", default="as the model's file says, else 8"),
    ] = None
    weight_format: Annotated[
        str | None,
        Help("Weights with their scales, e.g. q4_0, or q8_0:q4_k for DRAFT:TARGET", default="the file's"),
    ] = None
    kv_bits: Annotated[Literal[4, 8, 16], Help("Bits of a key or value in the cache")] = 8
    kv_format: Annotated[
        Literal["f16", "bf16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "iq4_nl"] | None,
        Help("Keys and values with their scales", default="none: kv-bits, without scales"),
    ] = None
    activation_bits: Annotated[Literal[4, 8, 16], Help("Bits of an activation")] = 8


RUN_OPTIONS = SpeculationOptions
