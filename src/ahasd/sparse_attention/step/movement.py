"""What travels between banks and the central processor in a layer: queries, scores, choices, partial outputs."""

from dataclasses import dataclass

from ahasd.hardware.bonded.bonded_device import BondedDevice
from ahasd.sparse_attention.balance.bank_loads import BankLoads
from ahasd.sparse_attention.step.model_shape import ModelShape

#: Of a score that is gathered, of a page's number, and of a partial output's elements, which are in single precision.
SCORE_BYTES, PAGE_NUMBER_BYTES, PARTIAL_BYTES = 2, 4, 4


@dataclass(frozen=True, slots=True)
class Choices:
    """Choices of pages that a layer makes.

    Attributes
    ----------
    lists
        How many are made: one for each paged head and request, or for each of its queries.
    candidates, tokens
        Pages that each chooses from, and tokens of those that it takes.
    queries
        That use a choice.
    """

    lists: int
    candidates: int
    tokens: int
    queries: int

    @property
    def any(self) -> bool:
        """Whether there is something to choose."""
        return min(self.lists, self.candidates, self.tokens) > 0


@dataclass(frozen=True, slots=True)
class Movement:
    """Seconds, bytes over channels, and bytes over links, these counted at each link."""

    seconds: float
    channel_bytes: float = 0.0
    hop_bytes: float = 0.0


def queries(shape: ModelShape, device: BondedDevice, loads: BankLoads) -> Movement:
    """Send queries to every channel that has a part of their head, and the new keys and values to where they stay."""
    items = len(loads.present)
    by_channel = loads.present.reshape(items, device.banks.channels, -1).any(axis=2)
    size, new = shape.group * shape.activation_bytes, items * shape.token_bytes
    rate = device.channel_bytes_per_second
    seconds = by_channel.sum(axis=0).max() * size / rate + new / (rate * device.banks.channels)
    return Movement(float(seconds), float(by_channel.sum() * size + new))


def selection(device: BondedDevice, choices: Choices) -> Movement:
    """Gather the scores of pages over all channels, choose the best, send their numbers back."""
    if not choices.any:
        return Movement(0.0)
    scores = choices.lists * choices.candidates
    moved = scores * SCORE_BYTES + choices.lists * choices.tokens * PAGE_NUMBER_BYTES
    rate = device.channel_bytes_per_second * device.banks.channels
    return Movement(moved / rate + scores / (device.npu.selection_g_per_second * 1e9), float(moved))


def merge(shape: ModelShape, device: BondedDevice, loads: BankLoads) -> Movement:
    """Merge partial outputs along each channel's line of routers, then from channel to channel, and send them off.

    Merging is associative: a link carries each item's part once, whatever it was merged of; parts of several items
    follow each other.
    """
    items, banks, routers = len(loads.present), device.banks, device.routers
    parts = loads.present.reshape(items, banks.channels, -1).sum(axis=2)
    size = shape.group * (shape.channels + 2) * PARTIAL_BYTES
    along = int((parts > 1).sum(axis=0).max())
    across = int(((parts > 0).sum(axis=1) > 1).sum())
    hops = (banks.banks_per_channel - 1) * (along > 0) + (banks.channels - 1) * (across > 0)
    seconds = (
        0.0
        if routers.ideal
        else (along + across) * size / (routers.link_gb_s * 1e9) + hops * routers.hop_ns * 1e-9
    )
    output = items * shape.group * shape.activation_bytes
    seconds += output / (device.channel_bytes_per_second * banks.channels)
    return Movement(seconds, float(output), float((parts.sum() - (parts.sum(axis=1) > 0).sum()) * size))
