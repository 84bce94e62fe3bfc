"""The target alone on the same hardware, and the acceptance at which speculation is as fast."""

from ahasd.errors import AhasdError
from ahasd.family.accounting import total_joules
from ahasd.family.result import Baseline
from ahasd.family.verdict import EQUAL
from ahasd.hardware.placement.device_kinds import DEVICES, DeviceName, has_device, parts
from ahasd.hardware.preset.preset import Hardware
from ahasd.speculation.break_even_search import BreakEvenRate, search_break_even
from ahasd.speculation.build_schedule import build_schedule
from ahasd.speculation.configuration import Resolved
from ahasd.speculation.machine import Lengths, Machine
from ahasd.speculation.options.system import AnySystem, AutoregressiveSystem
from ahasd.speculation.place import PlacedMachine, place
from ahasd.speculation.recall.alone import decode_alone
from ahasd.traces.rollout.walk import TraceWalk

#: Tokens of a run in the search for the break-even (ours).
BREAK_EVEN_TOKENS = 256


class TargetAlone:
    """The target alone on the devices of a machine, simulated when first asked for; seeds do not matter to it."""

    def __init__(self, resolved: Resolved, placed: PlacedMachine) -> None:
        self._resolved, self._placed = resolved, placed
        self._known: dict[AutoregressiveSystem, Baseline | None] = {}
        self._own: Baseline | None = None
        self._elsewhere: list[Baseline] | None = None

    def own(self) -> Baseline:
        """Its figures on the device that verifies."""
        if self._own is None:
            self._own = self._figures(self._own_system())
            assert self._own is not None, "the target runs on the device that verifies"
        return self._own

    def elsewhere(self) -> list[Baseline]:
        """Its figures in the other ways that the hardware has room for: on each device, and on two together."""
        if self._elsewhere is None:
            found = (self._figures(system) for system in self._other_systems())
            self._elsewhere = [figures for figures in found if figures is not None]
        return self._elsewhere

    def fastest_picoseconds(self, tokens: int) -> int:
        """Decode time of so many tokens where it is fastest."""
        ways = [self._own_system(), *self._other_systems()]
        known = [
            (figures.tokens_per_second, way) for way in ways if (figures := self._figures(way)) is not None
        ]
        _, fastest = max(known, key=lambda one: one[0])
        placed = self._place(fastest)
        assert placed is not None, "it has been placed before"
        return decode_alone(placed.machine, tokens).end

    def _own_system(self) -> AutoregressiveSystem:
        own, device = self._resolved.system, self._resolved.system.target_device
        if len(parts(device)) > 1:
            return own.without_speculation().model_copy(update={"name": f"{device}-autoregressive"})
        return _system(device, self._placed.hardware)

    def _other_systems(self) -> list[AutoregressiveSystem]:
        hardware, own = self._placed.hardware, self._own_system()
        devices = (device for device in _distinct(hardware) if has_device(hardware, device))
        systems = [_system(device, hardware) for device in devices]
        return [
            system
            for system in systems
            if system.target_device != own.target_device or system.operators != own.operators
        ]

    def _figures(self, system: AutoregressiveSystem) -> Baseline | None:
        """None where the target does not fit, or the device does not run its layers."""
        if system not in self._known:
            self._known[system] = self._simulate(system)
        return self._known[system]

    def _simulate(self, system: AutoregressiveSystem) -> Baseline | None:
        placed, tokens = self._place(system), self._resolved.configuration.tokens
        if placed is None:
            return None
        outcome = decode_alone(placed.machine, tokens)
        seconds, joules = outcome.end * 1e-12, total_joules(placed.hardware, outcome)
        written = tokens * placed.lengths.texts
        return Baseline(
            name=system.name,
            device=system.target_device,
            how=how_together(system),
            tokens_per_second=written / seconds,
            joules_per_token=None if joules is None else joules / written,
        )

    def _place(self, system: AutoregressiveSystem) -> PlacedMachine | None:
        resolved, configuration = self._resolved, self._resolved.configuration
        lengths = Lengths(configuration.prompt_tokens, configuration.tokens, texts=configuration.batch)
        try:
            placed = place(
                system,
                self._placed.hardware,
                resolved.pair,
                resolved.precision,
                lengths,
                configuration.fidelity,
                resolved.own.devices,
            )
            placed.machine.target_steps.cost(1, lengths.prompt)
        except AhasdError:
            # Too large for that device, which may lack an AAU, or a model of layers that it does not run; the run
            # itself says what is wrong with its own.
            return None
        return placed


def how_together(system: AnySystem) -> str:
    """How an NPU and the PIM share the target's passes, where they do not split every product."""
    return (
        "operator by operator" if system.target_device == "npu+pim" and system.operators == "mapped" else ""
    )


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
        walk = TraceWalk(resolved.rollout.with_acceptance(level), configuration.seed)
        outcome = build_schedule(machine, resolved.system, pilot=resolved.own.control).run(
            walk, algorithm.fresh_policy(), tokens
        )
        return outcome.end, outcome.ledger.draft_acceptance_rate or 0.0

    return search_break_even(at, alone.fastest_picoseconds(tokens) / (1.0 - EQUAL))
