"""OLMo 1 to 3, and EXAONE 4, which has OLMo 2's norms."""

from ahasd.errors import AhasdError
from ahasd.workload.blocks.head_norm import HeadNorm
from ahasd.workload.readers.families.common import Values, biases, layer_norm, whole_or_grouped
from ahasd.workload.readers.families.layer_kinds import FULL, SLIDING, every, stated_or, with_windows
from ahasd.workload.readers.fields import ConfigReader


def olmo(reader: ConfigReader) -> Values:
    """OLMo 1: LLaMA with layer norms that have neither gain nor bias."""
    norms = layer_norm(bias=False) | {"normalization_gain": False}
    return whole_or_grouped(reader) | norms | biases(reader.flag("attention_bias", False))


def olmo2(reader: ConfigReader) -> Values:
    """OLMo 2: norms behind the blocks, and of queries and keys over all heads."""
    norms = {"norm_placement": "behind", "query_key_norm": HeadNorm(gains="heads")}
    return whole_or_grouped(reader) | norms | biases(reader.flag("attention_bias", False))


def olmo3(reader: ConfigReader) -> Values:
    """OLMo 3: OLMo 2 with windows in three layers of four."""
    values = olmo2(reader)
    return with_windows(reader, values, stated_or(reader, every(values["layers"], 4)))


def exaone4(reader: ConfigReader) -> Values:
    """EXAONE 4: norms behind; the larger model has windows, and no positions in the layers without one."""
    values = whole_or_grouped(reader) | {"norm_placement": "behind", "query_key_norm": True}
    if reader.optional_integer("sliding_window") is None:
        return values
    kinds = stated_or(reader, _pattern(reader, values["layers"]))
    return with_windows(reader, values, kinds, full={"positions": "none"})


def _pattern(reader: ConfigReader, layers: int) -> list[str]:
    """Kinds of layers by `sliding_window_pattern`, a period or letters such as LLLG, of which the last is global."""
    pattern = reader.contents.get("sliding_window_pattern", 4)
    if isinstance(pattern, str) and pattern and set(pattern) <= {"L", "G"}:
        kinds = [SLIDING if pattern[index % len(pattern)] == "L" else FULL for index in range(layers)]
        return [*kinds[:-1], FULL]
    if isinstance(pattern, int) and not isinstance(pattern, bool) and pattern > 0:
        return every(layers, pattern)
    raise AhasdError(
        f"{reader.origin}: field 'sliding_window_pattern' must be a period or letters L and G, not {pattern!r}"
    )
