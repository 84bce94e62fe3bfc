"""What happened to the experts that passes needed."""

from dataclasses import dataclass


@dataclass(slots=True)
class Counts:
    """Experts by fate.

    Attributes
    ----------
    needed
        Each once in a layer of a pass; the sum of the next four.
    hits
        Resident, other than by a fetch ahead that had not been used yet.
    ahead_used
        Resident because they were fetched ahead.
    copied, on_host
        Missing: copied when they were needed, or computed by the host.
    fetched_ahead
        Copies for later layers that arrived; what of them is not in ``ahead_used`` was for nothing, or is still to be
        used.
    """

    needed: int = 0
    hits: int = 0
    ahead_used: int = 0
    copied: int = 0
    on_host: int = 0
    fetched_ahead: int = 0


@dataclass(frozen=True, slots=True)
class PassFates:
    """Experts that one pass needed, in all layers; ``needed`` is the sum of the three after it.

    Attributes
    ----------
    start_s
        When the pass began.
    resident
        In fast memory, however they came there.
    copied, on_host
        Missing: copied when they were needed, or computed by the host.
    """

    number: int
    start_s: float
    needed: int
    resident: int
    copied: int
    on_host: int
