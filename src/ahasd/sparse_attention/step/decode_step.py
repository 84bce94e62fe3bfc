"""A whole decode step: attention and products with weights, in time and energy."""

from dataclasses import dataclass

from ahasd.hardware.bonded.bonded_device import BondedDevice
from ahasd.sparse_attention.step.attention_step import Attention, AttentionStep, attention_step
from ahasd.sparse_attention.step.other_work import OtherWork, WeightsAt, other_work

_PICO, _BITS = 1e-12, 8


@dataclass(frozen=True, eq=False, slots=True)
class DecodeStep:
    """One token for each request.

    Attributes
    ----------
    attention_joules, other_joules
        By component; ``static`` is what the device draws during either.
    """

    attention: AttentionStep
    other: OtherWork
    attention_joules: dict[str, float]
    other_joules: dict[str, float]

    @property
    def seconds(self) -> float:
        """Of the step: layers wait for each other, so nothing overlaps."""
        return self.attention.seconds + self.other.seconds

    @property
    def joules(self) -> dict[str, float]:
        """By component."""
        return {
            name: value + self.other_joules.get(name, 0.0) for name, value in self.attention_joules.items()
        }


def decode_step(
    attention: Attention,
    device: BondedDevice,
    requests: int,
    context: int,
    weights_at: WeightsAt = "faster",
    step: int = 0,
) -> DecodeStep:
    """Cost a step; see :func:`attention_step`."""
    part = attention_step(attention, device, requests, context, step)
    rest = other_work(attention.shape, device, requests, weights_at)
    energy, times = device.energy, part.times
    read = float(part.bank_bytes.sum()) + sum(time.written_bytes for time in times)
    attention_joules = {
        "bank_access": read * _BITS * energy.bank_pj_per_bit * _PICO,
        "element_compute": sum(time.macs for time in times) * energy.pe_mac_pj * _PICO,
        "routers": sum(time.hop_bytes for time in times) * _BITS * energy.hop_pj_per_bit * _PICO,
        "channels": sum(time.channel_bytes for time in times) * _BITS * energy.channel_pj_per_bit * _PICO,
        "other_compute": 0.0,
        "selection": sum(time.scores for time in times) * energy.selection_pj * _PICO,
        "static": part.seconds * energy.static_w,
    }
    in_banks = rest.place == "banks"
    other_joules = {
        "bank_access": rest.bank_bytes * _BITS * energy.bank_pj_per_bit * _PICO,
        "element_compute": rest.macs * energy.pe_mac_pj * _PICO if in_banks else 0.0,
        "other_compute": 0.0 if in_banks else rest.macs * energy.npu_mac_pj * _PICO,
        "channels": rest.channel_bytes * _BITS * energy.channel_pj_per_bit * _PICO,
        "static": rest.seconds * energy.static_w,
    }
    return DecodeStep(part, rest, attention_joules, other_joules)
