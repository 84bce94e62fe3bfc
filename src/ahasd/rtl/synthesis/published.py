"""What is published of the areas, and which of our modules each figure is held against."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Published:
    """mm² at 28 nm of the paper (arXiv 2604.25326), and of an earlier version of it."""

    paper_mm2: float
    earlier_mm2: float


PUBLISHED_NODE_NM = 28
"""The process of all that is published; nothing at another one is held against it."""

#: Block -> (modules, what is published of it).
BLOCKS: dict[str, tuple[tuple[str, ...], Published | None]] = {
    "EDC": (("controller_edc",), Published(0.05, 0.0002)),
    "TVC": (("controller_tvc",), Published(0.03, 0.0002)),
    "queues": (
        ("controller_draft_queue", "controller_feedback_queue", "controller_preverification_queue"),
        Published(0.01, 0.001),
    ),
    "task scheduler": (("controller", "controller_rank_gate"), None),
    "control block": (("controller_control_block", "controller_sample_latch"), None),
    "AAU": (("aau", "aau_factor_unit", "aau_lane"), Published(1.25, 0.45)),
}
PUBLISHED_SHARE = {"paper": (0.0268, 50.0), "earlier version": (0.025, 18.0)}
"""Share of the die, and the die (mm²) that follows from it or is given with it."""
DIES_MM2 = (50.0, 18.0)
MOST_OVERHEAD = 0.03
"""The paper's claim: below 3 % of the die."""
