"""What is published of the areas, and which of our modules each figure is held against."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Published:
    """mm² at 28 nm of the paper (arXiv 2604.25326), and of an earlier version of it."""

    paper_mm2: float
    earlier_mm2: float


@dataclass(frozen=True, slots=True)
class PublishedShare:
    """Share of a die, and the die that follows from it or is given with it."""

    share: float
    die_mm2: float


#: The process of all that is published; nothing at another one is held against it.
PUBLISHED_NODE_NM = 28

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

PUBLISHED_SHARES = {
    "paper": PublishedShare(0.0268, 50.0),
    "earlier version": PublishedShare(0.025, 18.0),
}
DIES_MM2 = tuple(published.die_mm2 for published in PUBLISHED_SHARES.values())

#: The paper's claim: below 3 % of the die.
MOST_OVERHEAD = 0.03
