"""Two sets of device models: first-order, and detailed; a GPU has one model, which both use."""

from enum import StrEnum


class Fidelity(StrEnum):
    """How devices are costed."""

    FIRST_ORDER = "first-order"
    """The larger of compute and memory time per operator, with measured efficiencies."""
    DETAILED = "detailed"
    """Tiles on the NPU, command streams in memory, request streams between them; the GPU as in first order."""
