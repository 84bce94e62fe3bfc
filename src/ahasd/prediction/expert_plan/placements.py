"""Ways to place a mixture's experts on a machine, and how fast each writes."""

from dataclasses import dataclass

from ahasd.experts.mixture import Mixture
from ahasd.prediction.expert_plan.machine import HANDOVER_S, HOST_KEPT, OffloadMachine

#: Published speeds lie within this factor of the mean in four of five rows (validated, not fitted row by row).
SPREAD = 1.55

#: Hit rate of a cache that holds a share f of the experts is about f to this power: published ones come to 0.15 to
#: 0.45 from 12 % residency on (PR 27861 of llama.cpp: 67 % at 1/8, 81 % at 1/4; OLMoE 75 % at 1/2; a phone's 52, 66
#: and 73 % at 21, 28 and 35 %), and are worse below the demand of a token. A trace says more.
LOCALITY = 0.35


@dataclass(frozen=True, slots=True)
class Placement:
    """One way.

    Attributes
    ----------
    name
        In words.
    host_layers
        Layers whose experts the host computes.
    slots
        Experts of each layer in fast memory, where that is a cache; None where it is not one.
    seconds
        Of a token.
    hit_rate
        Assumed, or of a trace; None without a cache.
    """

    name: str
    host_layers: int
    slots: int | None
    seconds: float
    hit_rate: float | None = None

    @property
    def tokens_per_second(self) -> float:
        """The mean."""
        return 1 / self.seconds

    @property
    def low(self) -> float:
        """Of the interval."""
        return self.tokens_per_second / SPREAD

    @property
    def high(self) -> float:
        """Of the interval."""
        return self.tokens_per_second * SPREAD


def all_in_fast_memory(mixture: Mixture, machine: OffloadMachine) -> Placement:
    """Everything fits."""
    return on_host(mixture, machine, 0)


def on_host(mixture: Mixture, machine: OffloadMachine, layers: int) -> Placement:
    """The experts of so many layers lie with the host, which computes them."""
    here = mixture.dense_bytes + (mixture.layers - layers) * mixture.layer_bytes
    seconds = here * machine.seconds_per_byte + machine.layer_s * mixture.layers
    if layers:
        seconds += layers * (mixture.layer_bytes / machine.host_rate + HANDOVER_S)
    name = f"experts of {layers} of {mixture.layers} layers with the host" if layers else "all in fast memory"
    return Placement(name, layers, None, seconds)


def cached_on_host(
    mixture: Mixture, machine: OffloadMachine, slots: int, hit_rate: float | None = None
) -> Placement:
    """Fast memory caches some experts of each layer; the host computes what is missing."""
    hit = _usual_hit_rate(mixture, slots) if hit_rate is None else hit_rate
    routed = mixture.layers * mixture.layer_bytes
    seconds = (
        mixture.dense_bytes + hit * routed
    ) * machine.seconds_per_byte + machine.layer_s * mixture.layers
    seconds += (1 - hit) * routed / machine.host_rate
    # A layer is handed over unless all its experts are there.
    seconds += mixture.layers * (1 - hit**mixture.chosen) * HANDOVER_S
    return Placement(f"{slots} experts of each layer cached", mixture.layers, slots, seconds, hit)


def streamed(
    mixture: Mixture, machine: OffloadMachine, room: float, hit_rate: float | None = None
) -> Placement | None:
    """Memory caches experts that are read from storage; None where that is not known, or nothing else fits.

    Parameters
    ----------
    room
        Bytes of the memory that caches them.
    """
    left = room - (mixture.stored_bytes - mixture.experts_bytes)
    if machine.storage is None or left <= 0:
        return None
    slots = min(mixture.experts, int(left / (mixture.layers * mixture.expert_bytes)))
    hit = _usual_hit_rate(mixture, slots) if hit_rate is None else hit_rate
    routed = mixture.layers * mixture.layer_bytes
    if machine.host_peak is None:
        computing = (
            mixture.dense_bytes + routed
        ) * machine.seconds_per_byte + machine.layer_s * mixture.layers
    else:
        computing = on_host(mixture, machine, mixture.layers).seconds
    seconds = computing + (1 - hit) * routed / machine.storage
    name = f"{slots} experts of each layer in memory, the others on storage"
    return Placement(name, mixture.layers, slots, seconds, hit)


def host_room(machine: OffloadMachine) -> float | None:
    """Bytes that a host leaves to experts; None if not said."""
    return None if machine.host_bytes is None else machine.host_bytes - HOST_KEPT


def _usual_hit_rate(mixture: Mixture, slots: int) -> float:
    return float((min(slots, mixture.experts) / mixture.experts) ** LOCALITY)
