"""All of a decode step that is no attention: products with weights."""

from dataclasses import dataclass
from typing import Literal

from ahasd.hardware.bonded.bonded_device import BondedDevice
from ahasd.sparse_attention.step.model_shape import ModelShape

#: Where products with weights are computed: whichever is faster, or one of them.
WeightsAt = Literal["faster", "banks", "npu"]


@dataclass(frozen=True, slots=True)
class OtherWork:
    """Products with weights of a step, for all requests together.

    Attributes
    ----------
    place
        Where they are computed.
    """

    place: Literal["banks", "npu"]
    seconds: float
    bank_bytes: float
    macs: float
    channel_bytes: float


def other_work(shape: ModelShape, device: BondedDevice, requests: int, weights_at: WeightsAt) -> OtherWork:
    """Cost products with weights, which lie evenly over the banks.

    In the banks, each element multiplies with its part, and activations cross the channels; in the central processor,
    weights do. Norms and activation functions, a thousandth of the work, are not counted.
    """
    macs = shape.weight_macs * requests
    every_channel = device.channel_bytes_per_second * device.banks.channels
    # Activations go to every channel, since each bank has some outputs of every product.
    moved = shape.moved_bytes * requests * device.banks.channels
    reading = shape.weight_bytes / device.bytes_per_second
    in_banks = OtherWork(
        "banks",
        max(reading, macs / device.macs_per_second) + moved / every_channel,
        shape.weight_bytes,
        macs,
        moved,
    )
    npu_rate = device.npu.tera_macs_per_second * device.npu.utilisation * 1e12
    in_npu = OtherWork(
        "npu",
        max(shape.weight_bytes / every_channel, reading, macs / npu_rate),
        shape.weight_bytes,
        macs,
        shape.weight_bytes,
    )
    if weights_at == "faster":
        return min(in_banks, in_npu, key=lambda one: one.seconds)
    return in_banks if weights_at == "banks" else in_npu
