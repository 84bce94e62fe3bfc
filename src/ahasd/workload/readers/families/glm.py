"""GLM 4, dense."""

from ahasd.workload.readers.families.common import Values, biases, grouped
from ahasd.workload.readers.fields import ConfigReader


def glm(reader: ConfigReader) -> Values:
    """GLM 4 of 9B and its kind (`glm`): biases of queries, keys and values only."""
    return grouped(reader) | biases(reader.flag("attention_bias", False), output=False)


def glm4(reader: ConfigReader) -> Values:
    """GLM 4 of 2025 (`glm4`): norms on both sides of each block besides."""
    biased = biases(reader.flag("attention_bias", True), output=False)
    return grouped(reader) | biased | {"norm_placement": "both"}
