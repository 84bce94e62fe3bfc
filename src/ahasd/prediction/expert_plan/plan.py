"""Where a mixture's experts should lie on a machine, and how fast that writes."""

from dataclasses import dataclass, replace

from ahasd.errors import AhasdError
from ahasd.experts.cache.policies import parse_policy
from ahasd.experts.machine.machine import Machine, load_machine, machine_names
from ahasd.experts.mixture import Mixture
from ahasd.experts.replay import replay
from ahasd.hardware.measured.devices.find_device import find_device
from ahasd.hardware.measured.devices.usable_memory import usable_memory
from ahasd.prediction.expert_plan.host_memory import require_peak
from ahasd.prediction.expert_plan.machine import HOST_SHARE, USUAL_HOST_PEAK, OffloadMachine
from ahasd.prediction.expert_plan.named_mixture import read_mixture
from ahasd.prediction.expert_plan.placements import (
    Placement,
    all_in_fast_memory,
    cached_on_host,
    host_room,
    on_host,
    streamed,
)
from ahasd.prediction.from_figures.memory_fit import PROGRAM_BYTES
from ahasd.prediction.from_figures.model_figures import ModelFigures
from ahasd.prediction.from_figures.platforms import platform_of
from ahasd.prediction.from_figures.setting import Setting
from ahasd.prediction.from_figures.target_alone import MEASURED_LAYERS, MIXTURE_OVERHEAD, step_figures
from ahasd.traces.routing.trace import RoutingTrace

#: Kinds of devices whose memory is the host's as well.
_ONE_MEMORY = ("mac", "phone", "laptop", "sbc", "edge")


@dataclass(frozen=True, slots=True)
class MachineWords:
    """What a user says of a machine.

    Attributes
    ----------
    device
        Name of a known device.
    memory
        Bytes of it; None for what it is sold with.
    host
        Words for the memory beside it; None if not said.
    host_bytes, storage
        Of that memory, and bytes per second of what lies behind; None if not said.
    """

    device: str
    memory: float | None = None
    host: str | None = None
    host_bytes: float | None = None
    storage: float | None = None


@dataclass(frozen=True, slots=True)
class ExpertPlan:
    """What can be said before anything runs.

    Attributes
    ----------
    placements
        The fastest first; those that the memory allows.
    cache_bytes
        Of keys and values.
    notes
        What the figures rest on.
    """

    mixture: Mixture
    machine: OffloadMachine
    placements: tuple[Placement, ...]
    cache_bytes: float
    context: int
    notes: tuple[str, ...]

    @property
    def best(self) -> Placement:
        """The fastest that any program in the record has; caches of experts are in no main line."""
        return next((one for one in self.placements if one.slots is None), self.placements[0])

    @property
    def fits(self) -> bool:
        """Whether everything lies in fast memory."""
        return any(one.host_layers == 0 for one in self.placements)


def plan_experts(
    model: str,
    words: MachineWords,
    quantisation: str | None = None,
    context: int = 4096,
    trace: RoutingTrace | None = None,
) -> ExpertPlan:
    """Plan for a model on a machine.

    Raises
    ------
    AhasdError
        A name means nothing known, or there is no memory for the model.
    """
    mixture, figures = read_mixture(model, quantisation)
    if trace is not None and (trace.experts, trace.top) != (mixture.experts, mixture.chosen):
        raise AhasdError(
            f"the trace has {trace.top} of {trace.experts} experts, {mixture.name} {mixture.chosen} of "
            f"{mixture.experts}"
        )
    machine = machine_of(words, figures, mixture)
    return plan_placements(mixture, machine, figures.cache_bytes(context), context, trace)


def machine_of(words: MachineWords, figures: ModelFigures, mixture: Mixture) -> OffloadMachine:
    """Look a machine up: one that is known as a whole, or a device and what was said of the rest.

    Raises
    ------
    AhasdError
        The device is not known or its name fits several, its memory is not known, or the host's words say nothing.
    """
    if words.device.lower() in machine_names():
        return _whole(load_machine(words.device), words, mixture)
    device = find_device(words.device)
    shared = device.kind in _ONE_MEMORY
    if shared and (words.host is not None or words.host_bytes is not None):
        raise AhasdError(
            f"{device.name} has one memory; say how much with --memory instead of --host and --ram"
        )
    sold = words.memory if words.memory is not None else max(device.capacities, default=None)
    if sold is None:
        raise AhasdError(f"how much memory {device.name} has is not known here; give --memory, in GB")
    steps = step_figures(Setting((device,), platform_of(device.name, "llama.cpp"), figures, "draft-model"))
    known = words.host is not None
    peak = None if shared else require_peak(words.host) if words.host is not None else USUAL_HOST_PEAK
    return OffloadMachine(
        device.name,
        steps.seconds_per_byte,
        steps.fixed_s * MIXTURE_OVERHEAD / MEASURED_LAYERS,
        usable_memory(device, sold).usable,
        peak,
        known,
        words.host_bytes,
        words.storage,
    )


def _whole(machine: Machine, words: MachineWords, mixture: Mixture) -> OffloadMachine:
    """A machine of which everything is known; behind its link lies storage where nothing computes there.

    Raises
    ------
    AhasdError
        Something of it was said apart.
    """
    if words != MachineWords(words.device):
        raise AhasdError(
            f"all of {machine.name} is known; --memory, --host, --ram and --storage are for devices by name"
        )
    host = machine.host_gb_s
    return OffloadMachine(
        machine.name,
        1 / (machine.processor_gb_s * 1e9),
        (machine.layer_us + mixture.chosen * machine.expert_us) * 1e-6,
        machine.fast_gb * 1e9,
        None if host is None else host * 1e9 / HOST_SHARE,
        True,
        None,
        machine.link_rate(mixture.expert_bytes) if host is None else None,
    )


def plan_placements(
    mixture: Mixture,
    machine: OffloadMachine,
    cache_bytes: float,
    context: int,
    trace: RoutingTrace | None = None,
) -> ExpertPlan:
    """Try all ways that the memory allows.

    Raises
    ------
    AhasdError
        There is none.
    """
    room = machine.fast_bytes - cache_bytes - PROGRAM_BYTES
    found: list[Placement | None] = []
    elsewhere = mixture.layers_elsewhere(room)
    on_hosts = host_room(machine)
    if elsewhere == 0:
        found.append(all_in_fast_memory(mixture, machine))
    elif machine.host_peak is None:
        found.append(streamed(mixture, machine, room))
    elif elsewhere is not None:
        if on_hosts is None or elsewhere * mixture.experts * mixture.expert_bytes <= on_hosts:
            found.append(on_host(mixture, machine, elsewhere))
            found.append(_cached(mixture, machine, room, trace, on_hosts))
        else:
            found.append(streamed(mixture, machine, on_hosts))
    placements = sorted((one for one in found if one is not None), key=lambda one: one.seconds)
    if not placements:
        raise AhasdError(_why_not(mixture, machine, room, elsewhere))
    return ExpertPlan(
        mixture, machine, tuple(placements), cache_bytes, context, tuple(_notes(machine, placements, trace))
    )


def _cached(
    mixture: Mixture, machine: OffloadMachine, room: float, trace: RoutingTrace | None, on_hosts: float | None
) -> Placement | None:
    """All experts with the host, and as many of them cached as fast memory holds."""
    left = room - (mixture.stored_bytes - mixture.experts_bytes)
    slots = min(mixture.experts, int(left / (mixture.layers * mixture.expert_bytes)))
    if slots < 1 or (on_hosts is not None and mixture.experts_bytes > on_hosts):
        return None
    if trace is None:
        return cached_on_host(mixture, machine, slots)
    rate = replay(trace, parse_policy("lru"), slots).all.hit_rate
    return replace(
        cached_on_host(mixture, machine, slots, rate), name=f"{slots} experts of each layer cached (lru)"
    )


def _notes(machine: OffloadMachine, placements: list[Placement], trace: RoutingTrace | None) -> list[str]:
    notes = []
    if (
        machine.host_peak is not None
        and not machine.host_known
        and any(one.host_layers for one in placements)
    ):
        notes.append(
            f"The host's memory was not said: {machine.host_peak / 1e9:.0f} GB/s at the peak is assumed; --host "
            "changes it."
        )
    if (
        machine.host_peak is not None
        and machine.host_bytes is None
        and any(one.host_layers for one in placements)
    ):
        notes.append(
            "How much memory the host has was not said: what does not fit the device is taken to fit there."
        )
    if trace is None and any(one.slots is not None for one in placements):
        notes.append("The hit rate of a cache is that of published runs; --trace replays your own text.")
    return notes


def _why_not(mixture: Mixture, machine: OffloadMachine, room: float, elsewhere: int | None) -> str:
    size = f"{mixture.name} takes {mixture.stored_bytes / 1e9:.1f} GB"
    if elsewhere is None or room < mixture.stored_bytes - mixture.experts_bytes:
        return (
            f"{size}, of which {(mixture.stored_bytes - mixture.experts_bytes) / 1e9:.1f} GB are no experts, and "
            f"{machine.title} has {max(0.0, room) / 1e9:.1f} GB for weights; take a smaller format (--quant) or "
            "context"
        )
    where = "its memory" if machine.host_peak is None else "device and host together"
    way = "say how fast storage is with --storage, in GB/s, to read experts from it"
    return f"{size} and does not fit {where}; {way}"
