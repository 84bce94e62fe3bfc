"""How long a layer's attention takes: banks at work, the selection between, parts sent and merged."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ahasd.hardware.bonded.bonded_device import BondedDevice
from ahasd.sparse_attention.balance.bank_loads import BankLoads
from ahasd.sparse_attention.step.model_shape import ModelShape
from ahasd.sparse_attention.step.movement import Choices, merge, queries, selection


@dataclass(frozen=True, eq=False, slots=True)
class LayerTime:
    """Seconds of a layer, phase by phase, and what was done.

    Attributes
    ----------
    query
        Queries, keys and values of the new token on their way to the banks.
    banks
        From then on until the last bank is done, if choosing pages took no time.
    selection
        What that adds.
    merge
        Partial outputs merged, and sent to the central processor.
    bank_seconds
        B: each bank at work.
    macs, scores
        Multiply-accumulates in the banks, and scores that were chosen from.
    hop_bytes, channel_bytes, written_bytes
        Over links, each counted at every link; over channels; into banks.
    """

    query: float
    banks: float
    selection: float
    merge: float
    bank_seconds: npt.NDArray[np.float64]
    macs: float
    scores: float
    hop_bytes: float
    channel_bytes: float
    written_bytes: float

    @property
    def seconds(self) -> float:
        """All of it."""
        return self.query + self.banks + self.selection + self.merge


def layer_time(shape: ModelShape, device: BondedDevice, loads: BankLoads, choices: Choices) -> LayerTime:
    """Time a layer.

    Banks write the new key and value and read metadata first. While scores are gathered and pages are chosen, they
    work on what is read in any case; then on the chosen pages.
    """
    rate, macs_rate = device.element.bytes_per_second, device.element.macs_per_second
    read, opened = shape.token_bytes / rate, device.banks.append_ns * 1e-9
    token = max(read, shape.token_macs / macs_rate)
    # The last page's bounds are read, compared and written back.
    writes = loads.appended * (opened + read) + loads.bounded * (opened + 2 * read)
    first, standing = writes + loads.metadata * token, loads.standing * token
    picked = float(loads.chosen.sum())
    # Queries that choose for themselves multiply with a part of the tokens that are read for any of them.
    picked_macs = choices.lists * choices.tokens * choices.queries * 2.0 * shape.channels if picked else 0.0
    late = loads.chosen * (max(read, picked_macs / picked / macs_rate) if picked else 0.0)
    if not device.routers.ideal:
        late = np.maximum(late, loads.remote * shape.token_bytes / (device.routers.link_gb_s * 1e9))
    chose, asked, merged = (
        selection(device, choices),
        queries(shape, device, loads),
        merge(shape, device, loads),
    )
    scored = float(first.max()) if choices.any else 0.0
    at_once = float((np.maximum(first + standing, scored) + late).max())
    done = float((np.maximum(first + standing, scored + chose.seconds) + late).max())
    return LayerTime(
        asked.seconds,
        at_once,
        done - at_once,
        merged.seconds,
        first + standing + late,
        float((loads.metadata + loads.standing).sum()) * shape.token_macs + picked_macs,
        float(choices.lists * choices.candidates),
        merged.hop_bytes + float(loads.remote.sum()) * shape.token_bytes * device.mean_hops,
        asked.channel_bytes + chose.channel_bytes + merged.channel_bytes,
        float(loads.appended.sum() + loads.bounded.sum()) * shape.token_bytes,
    )
