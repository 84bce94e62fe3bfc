"""What can be chosen of a run of sparse attention in bonded memory."""

from typing import Annotated, Any, Literal

from annotated_types import Ge, Le

from ahasd.family.run_options import Help, RunOptions


class SparseAttentionOptions(RunOptions):
    """Options of such a run. Weights, keys, values and activations have 16 bits unless told otherwise."""

    system: Annotated[str | dict[str, Any], Help("See `ahasd list systems`.")] = "h2eal"
    model: Annotated[
        str, Help("Of the systems of sparse attention: a model of the zoo, its config.json or .gguf")
    ] = "llama-3.1-8b"
    context: Annotated[
        str, Help("Tokens that the last step attends to, e.g. 8192, 128k (times 1024), 1M")
    ] = "32k"
    heads: Annotated[
        str | None,
        Help(
            "Which heads need the whole context: a name of `ahasd list heads`, a table in DuoAttention's form, or "
            "even",
            default="the model's own, else even",
        ),
    ] = None
    streaming: Annotated[float, Ge(0), Le(1), Help("Share of key-value heads that stream")] = 0.5
    page: Annotated[int, Ge(1), Help("Tokens of a page")] = 16
    budget: Annotated[int, Ge(1), Help("Tokens of the pages that a head chooses")] = 2048
    sink: Annotated[int, Ge(0), Help("First tokens that every head reads")] = 128
    recent: Annotated[int, Ge(1), Help("Last tokens that every head reads")] = 256
    batch: Annotated[int, Ge(1), Help("Texts decoded together")] = 1
    attention: Annotated[
        str, Help("Which pages were chosen: uniform (drawn), an attention trace, or synthetic-attention:…")
    ] = "uniform"
    tokens: Annotated[int, Ge(1), Help("Tokens to decode for each text")] = 16
    weight_bits: Annotated[Literal[4, 8, 16], Help("Bits of a weight")] = 16
    kv_bits: Annotated[Literal[4, 8, 16], Help("Bits of a key or value")] = 16
    weights_at: Annotated[
        Literal["faster", "banks", "npu"], Help("Where products with weights are computed")
    ] = "faster"


RUN_OPTIONS = SparseAttentionOptions
