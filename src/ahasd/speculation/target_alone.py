"""The target alone on the same hardware, and the acceptance at which speculation is as fast."""

from ahasd.errors import AhasdError
from ahasd.family.accounting import energy
from ahasd.family.result import Baseline
from ahasd.family.verdict import EQUAL
from ahasd.hardware.placement.device_kinds import DEVICES, DeviceName, has_device, parts
from ahasd.hardware.preset.preset import Hardware
from ahasd.speculation.autoregressive import Autoregressive
from ahasd.speculation.break_even_search import BreakEvenRate, search_break_even
from ahasd.speculation.build_schedule import build_schedule
from ahasd.speculation.configuration import Resolved
from ahasd.speculation.machine import Lengths, Machine
from ahasd.speculation.options.schedules import AutoregressiveOptions
from ahasd.speculation.options.system import AutoregressiveSystem
from ahasd.speculation.place import PlacedMachine, place
from ahasd.speculation.schedule import SpeculationOutcome
from ahasd.traces.rollout.walk import TraceWalk

#: Tokens of a run in the search for the break-even (ours).
BREAK_EVEN_TOKENS = 256


class TargetAlone:
    """The target alone on the devices of a machine, simulated when first asked for; seeds do not matter to it."""

    def __init__(self, resolved: Resolved, placed: PlacedMachine) -> None:
        self._resolved, self._placed = resolved, placed
        self._known: dict[str, Baseline | None] = {}

    def on(self, device: DeviceName) -> Baseline | None:
        """Its figures on a device; None where the hardware lacks it or the target does not fit there."""
        if device not in self._known:
            self._known[device] = self._simulate(device)
        return self._known[device]

    def elsewhere(self) -> list[Baseline]:
        """Its figures on the devices of the hardware beside the one that verifies, alone and two together."""
        own = self._resolved.system.target_device
        others = (self.on(name) for name in _distinct(self._placed.hardware) if name != own)
        return [figures for figures in others if figures is not None]

    def fastest(self) -> Baseline:
        """Where it is fastest, on the device that verifies or elsewhere."""
        own = self.on(self._resolved.system.target_device)
        assert own is not None, "the target runs on the device that verifies"
        return max([own, *self.elsewhere()], key=lambda figures: figures.tokens_per_second)

    def picoseconds(self, device: DeviceName, tokens: int) -> int:
        """Decode time of so many tokens on a device that holds the target."""
        placed = self._place(device)
        assert placed is not None, f"the target does not fit on the {device}"
        return _decode(placed, tokens).end

    def _simulate(self, device: DeviceName) -> Baseline | None:
        placed, tokens = self._place(device), self._resolved.configuration.tokens
        if placed is None:
            return None
        outcome = _decode(placed, tokens)
        seconds = outcome.end * 1e-12
        return Baseline(
            name=f"{device}-autoregressive",
            device=device,
            tokens_per_second=tokens / seconds,
            joules_per_token=sum(energy(placed.hardware, outcome).values()) / tokens,
        )

    def _place(self, device: DeviceName) -> PlacedMachine | None:
        resolved, hardware = self._resolved, self._placed.hardware
        if not has_device(hardware, device):
            return None
        own = resolved.system
        together = device == own.target_device and len(parts(device)) > 1
        system = own.without_speculation() if together else _system(device, hardware)
        configuration = resolved.configuration
        lengths = Lengths(configuration.prompt_tokens, configuration.tokens)
        try:
            return place(
                system,
                hardware,
                resolved.pair,
                resolved.precision,
                lengths,
                configuration.fidelity,
                resolved.own.devices,
            )
        except AhasdError:
            return None  # too large for that device, or it lacks an AAU; the run itself says what fits


def _decode(placed: PlacedMachine, tokens: int) -> SpeculationOutcome:
    return Autoregressive(placed.machine, AutoregressiveOptions()).decode(tokens)


def _system(device: DeviceName, hardware: Hardware) -> AutoregressiveSystem:
    """The target alone on a device as that works best: an NPU and the PIM split every product between them."""
    name, description = f"{device}-autoregressive", "the target alone"
    if len(parts(device)) > 1:
        return AutoregressiveSystem(
            name=name,
            description=description,
            target_device=device,
            placement="interleaved",
            operators="split" if device == "npu+pim" else "mapped",
        )
    # Vector work in memory is the AAU's; on a machine without it the NPU's, and without an NPU nobody's.
    aau = DEVICES[device].in_memory and (hardware.aau is not None or hardware.npu is None)
    return AutoregressiveSystem(name=name, description=description, target_device=device, aau=aau)


def _distinct(hardware: Hardware) -> list[DeviceName]:
    """The devices of a machine, without a second GPU that is like the first."""
    alike = hardware.gpu2 == hardware.gpu
    return [name for name in DEVICES if not (alike and name == "gpu2")]


def break_even(resolved: Resolved, machine: Machine, alone: TargetAlone) -> BreakEvenRate:
    """Search the acceptance rate from which the system pays: is as fast as the target where that is fastest.

    A hundredth slower counts as equally fast, as in the verdict. The target alone is placed by itself. The trace's
    acceptance probabilities are scaled down to nothing or up to one, which keeps the draft's entropies and so what
    the policy sees.
    """
    algorithm, configuration = resolved.algorithm, resolved.configuration
    assert algorithm is not None, "the target alone has no break-even with itself"
    tokens = min(BREAK_EVEN_TOKENS, configuration.tokens)

    def at(level: float) -> tuple[int, float]:
        walk = TraceWalk(resolved.trace.with_acceptance(level), configuration.seed)
        outcome = build_schedule(machine, resolved.system, pilot=resolved.own.control).run(
            walk, algorithm.fresh_policy(), tokens
        )
        return outcome.end, outcome.ledger.draft_acceptance_rate or 0.0

    fastest = alone.picoseconds(alone.fastest().device, tokens)
    return search_break_even(at, fastest / (1.0 - EQUAL))
