"""Command R, R7B and A."""

from ahasd.workload.blocks.head_norm import HeadNorm
from ahasd.workload.readers.families.common import Values, biases, layer_norm, whole_or_grouped
from ahasd.workload.readers.families.layer_kinds import every, stated_or, with_windows
from ahasd.workload.readers.fields import ConfigReader


def cohere(reader: ConfigReader) -> Values:
    """Command R: layer norms without a bias, both blocks side by side, a tied head."""
    norm = HeadNorm("layer", "heads") if reader.flag("use_qk_norm", False) else None
    return _command(reader) | {"query_key_norm": norm}


def cohere2(reader: ConfigReader) -> Values:
    """Command R7B and A: windows in three layers of four, and no positions in the fourth."""
    values = _command(reader)
    values["head_dim"] = reader.share(
        "hidden_size", values["hidden_size"], "num_attention_heads", values["heads"]
    )
    period = reader.integer("sliding_window_pattern", 4)
    kinds = stated_or(reader, every(values["layers"], period))
    return with_windows(reader, values, kinds, full={"positions": "none"})


def _command(reader: ConfigReader) -> Values:
    return (
        whole_or_grouped(reader)
        | {"parallel_layers": True, "tied_embeddings": reader.flag("tie_word_embeddings", True)}
        | layer_norm(bias=False)
        | biases(reader.flag("attention_bias", False))
    )
