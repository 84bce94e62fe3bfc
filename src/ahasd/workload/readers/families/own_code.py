"""Families of the hub whose code lies beside their files, not in transformers; what it fixes is stated here."""

from math import ceil, floor
from typing import Any

from ahasd.errors import AhasdError
from ahasd.workload.readers.families.common import Values, biases, whole_or_grouped
from ahasd.workload.readers.families.layer_kinds import by_layer
from ahasd.workload.readers.fields import ConfigReader


def internlm2(reader: ConfigReader) -> Values:
    """InternLM 2 and 2.5: LLaMA; `bias` is that of its attention."""
    return whole_or_grouped(reader) | biases(reader.flag("bias", False))


def minicpm(reader: ConfigReader) -> Values:
    """MiniCPM 1 and 4: LLaMA with a head that is tied unless the file says otherwise."""
    tied = {"tied_embeddings": reader.flag("tie_word_embeddings", True)}
    return whole_or_grouped(reader) | biases(reader.flag("attention_bias", False)) | tied


def exaone(reader: ConfigReader) -> Values:
    """EXAONE 3 and 3.5: LLaMA with GPT-2's names for some fields."""
    names = {"num_hidden_layers": "num_layers", "hidden_act": "activation_function"}
    return whole_or_grouped(_renamed(reader, names))


def baichuan(reader: ConfigReader) -> Values:
    """Baichuan 1 and 2: LLaMA; the 13B has ALiBi, and names its longest text otherwise."""
    turned = reader.contents.get("max_position_embeddings") is not None
    read = reader if turned else _renamed(reader, {"max_position_embeddings": "model_max_length"})
    return whole_or_grouped(read) | {"positions": "rotary" if turned else "bias"}


def qwen(reader: ConfigReader) -> Values:
    """Qwen 1: Qwen2's shapes; `intermediate_size` is that of gate and up projection together."""
    halves = reader.share("intermediate_size", reader.integer("intermediate_size"), "its two halves", 2)
    read = _renamed(reader, {"max_position_embeddings": "seq_length"})
    contents = {**read.contents, "hidden_act": "silu", "intermediate_size": halves}
    values = whole_or_grouped(ConfigReader(contents, reader.origin))
    return values | {"query_key_value_bias": True}


def openelm(reader: ConfigReader) -> Values:
    """OpenELM: heads and feed-forward sizes that grow from layer to layer (arXiv 2404.14619 §2.1)."""
    hidden, layers = reader.integer("model_dim"), reader.integer("num_transformer_layers")
    heads, shared = _each(reader, "num_query_heads", layers), _each(reader, "num_kv_heads", layers)
    divisor = reader.integer("ffn_dim_divisor", 256)
    widths = [_divisible(times * hidden, divisor) for times in _each(reader, "ffn_multipliers", layers)]
    values: Values = {
        "layers": layers,
        "hidden_size": hidden,
        "heads": heads[0],
        "key_value_heads": shared[0],
        "head_dim": reader.integer("head_dim"),
        "feed_forward_size": widths[0],
        "gated_feed_forward": reader.flag("ffn_with_glu", True),
        "vocabulary_size": reader.integer("vocab_size"),
        "tied_embeddings": reader.flag("share_input_output_layers", True),
        "maximum_positions": reader.integer("max_context_length"),
        "normalization": "rms",
        "query_key_norm": reader.flag("normalize_qk_projections", True),
        "activation": reader.activation("activation_fn_name"),
    }
    each = [
        {"name": "layer", "heads": own[0], "key_value_heads": own[1], "feed_forward_size": own[2]}
        for own in zip(heads, shared, widths, strict=True)
    ]
    return by_layer(values, each)


def _renamed(reader: ConfigReader, names: dict[str, str]) -> ConfigReader:
    """Read fields under other names where the file lacks the common ones."""
    contents = dict(reader.contents)
    for common, own in names.items():
        if contents.get(common) is None:
            contents[common] = contents.get(own)
    return ConfigReader(contents, reader.origin)


def _each(reader: ConfigReader, field: str, layers: int) -> list[Any]:
    """Read a positive number for each layer."""
    stated = reader.contents.get(field)
    numbers = isinstance(stated, list) and all(
        isinstance(one, int | float) and not isinstance(one, bool) and one > 0 for one in stated
    )
    if not isinstance(stated, list) or not numbers or len(stated) != layers:
        raise AhasdError(
            f"{reader.origin}: field '{field}' must be a positive number for each of {layers} layers"
        )
    return stated


def _divisible(width: float, divisor: int) -> int:
    """Round to a multiple of a divisor, and up where that would lose a tenth, as `make_divisible` does."""
    rounded = max(divisor, floor((width + divisor / 2) / divisor) * divisor)
    return rounded if rounded >= 0.9 * width else divisor * ceil(width / divisor)
