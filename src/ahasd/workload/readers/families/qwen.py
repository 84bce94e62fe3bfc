"""Qwen 2, 2.5 and 3."""

from ahasd.workload.readers.families.common import Values, biases, grouped
from ahasd.workload.readers.families.layer_kinds import FULL, SLIDING, stated_or, with_windows
from ahasd.workload.readers.fields import ConfigReader


def qwen2(reader: ConfigReader) -> Values:
    """Qwen2 and 2.5; their code fixes biases of queries, keys and values."""
    return _windowed(reader, grouped(reader) | {"query_key_value_bias": True})


def qwen3(reader: ConfigReader) -> Values:
    """Qwen3; its code fixes norms of queries and keys, head by head."""
    head = {"head_dim": reader.integer("head_dim"), "query_key_norm": True}
    biased = biases(reader.flag("attention_bias", False))
    return _windowed(reader, grouped(reader) | head | biased)


def _windowed(reader: ConfigReader, values: Values) -> Values:
    """Windows in the layers from `max_window_layers` on, if `use_sliding_window` says that there are any."""
    layers = values["layers"]
    if not reader.flag("use_sliding_window", False):
        return values
    first = reader.optional_integer("max_window_layers") if reader.contents.get("max_window_layers") else 0
    kinds = [SLIDING if index >= (first or 0) else FULL for index in range(layers)]
    return with_windows(reader, values, stated_or(reader, kinds))
