"""Does speculation pay: the target alone on the same hardware, and the acceptance at which both are equal."""

from ahasd.errors import AhasdError
from ahasd.hardware.placement.device_kinds import DEVICES, DeviceName, has_device, parts
from ahasd.hardware.preset.preset import Hardware
from ahasd.simulation.result import Baseline, Comparison
from ahasd.speculation.autoregressive import Autoregressive
from ahasd.speculation.build_schedule import build_schedule
from ahasd.speculation.drafting.specification import build_policy
from ahasd.speculation.machine import Lengths, PlacedMachine
from ahasd.speculation.options import SystemPreset
from ahasd.speculation.schedule import Outcome
from ahasd.speculation.summary import energy
from ahasd.systems.configuration import Resolved
from ahasd.traces.rollout.walk import TraceWalk

#: Tokens of a run in the search for the break-even, and halvings of the acceptance level (ours): the level is
#: known to 1/128, well below what 256 tokens can tell.
BREAK_EVEN_TOKENS = 256
BREAK_EVEN_HALVINGS = 8


class TargetAlone:
    """The target alone on the devices of a machine, simulated when first asked for; seeds do not matter to it."""

    def __init__(self, resolved: Resolved, machine: PlacedMachine) -> None:
        self._resolved, self._machine = resolved, machine
        self._known: dict[str, Baseline | None] = {}

    def on(self, device: DeviceName) -> Baseline | None:
        """Its figures on a device; None where the hardware lacks it or the target does not fit there."""
        if device not in self._known:
            self._known[device] = self._simulate(device)
        return self._known[device]

    def picoseconds(self, device: DeviceName, tokens: int) -> int:
        """Decode time of so many tokens on a device that holds the target."""
        machine = self._place(device)
        assert machine is not None, f"the target does not fit on the {device}"
        return Autoregressive(machine).decode(tokens).end

    def _simulate(self, device: DeviceName) -> Baseline | None:
        machine, tokens = self._place(device), self._resolved.configuration.tokens
        if machine is None:
            return None
        outcome = Autoregressive(machine).decode(tokens)
        seconds = outcome.end * 1e-12
        return Baseline(
            device=device,
            tokens_per_second=tokens / seconds,
            joules_per_token=sum(energy(machine, outcome).values()) / tokens,
        )

    def _place(self, device: DeviceName) -> PlacedMachine | None:
        resolved, hardware = self._resolved, self._machine.hardware
        if not has_device(hardware, device):
            return None
        system = resolved.system.without_speculation()
        if len(parts(device)) == 1:
            system = SystemPreset(
                name=f"{device}-autoregressive",
                description="the target alone",
                schedule="autoregressive",
                target_device=device,
                aau=DEVICES[device].in_memory,
            )
        lengths = Lengths(resolved.configuration.prompt_tokens, resolved.configuration.tokens)
        try:
            return PlacedMachine(
                system, hardware, resolved.pair, resolved.precision, lengths, resolved.configuration.fidelity
            )
        except AhasdError:
            return None  # too large for that device; the run itself says what fits


def compare_with_target_alone(
    resolved: Resolved, machine: PlacedMachine, alone: TargetAlone, outcome: Outcome, break_even: bool
) -> Comparison:
    """Compare a run with the target alone; an empty comparison if it is the target alone.

    ``break_even`` also searches the acceptance at which both are equally fast, which takes some ten short runs.
    """
    if resolved.algorithm is None:
        return Comparison()
    baseline = alone.on(resolved.system.target_device)
    assert baseline is not None, "the target runs on the device that verifies"
    others = [name for name in _distinct(machine.hardware) if name != resolved.system.target_device]
    speed = resolved.configuration.tokens / (outcome.end * 1e-12)
    rate, always = _break_even(resolved, machine, alone) if break_even else (None, None)
    return Comparison(
        baseline=baseline,
        alternatives=[figures for name in others if (figures := alone.on(name)) is not None],
        speedup=speed / baseline.tokens_per_second,
        break_even_acceptance=rate,
        always_pays=always,
    )


def _distinct(hardware: Hardware) -> list[DeviceName]:
    """The devices that work alone, without a second GPU that is like the first."""
    alike = hardware.gpu2 == hardware.gpu
    single = [name for name, kind in DEVICES.items() if len(kind.sections) == 1]
    return [name for name in single if not (alike and name == "gpu2")]


def _break_even(resolved: Resolved, machine: PlacedMachine, alone: TargetAlone) -> tuple[float | None, bool]:
    """Search the acceptance rate at which the system is as fast as the target alone (as placed by itself).

    The trace's acceptance probabilities are scaled down to nothing or up to one, which keeps the draft's
    entropies and so what the policy sees, and the level is bisected.

    Returns
    -------
    float or None
        The rate; None if no acceptance is enough or any is.
    bool
        Whether any is enough.
    """
    tokens = min(BREAK_EVEN_TOKENS, resolved.configuration.tokens)
    limit = alone.picoseconds(resolved.system.target_device, tokens)
    low, high = -1.0, 1.0
    if _at_level(resolved, machine, tokens, low)[0] <= limit:
        return None, True
    if _at_level(resolved, machine, tokens, high)[0] > limit:
        return None, False
    paying, losing = 1.0, 0.0
    for _ in range(BREAK_EVEN_HALVINGS):
        middle = (low + high) / 2
        duration, measured = _at_level(resolved, machine, tokens, middle)
        if duration <= limit:
            high, paying = middle, measured
        else:
            low, losing = middle, measured
    return (paying + losing) / 2, False


def _at_level(resolved: Resolved, machine: PlacedMachine, tokens: int, level: float) -> tuple[int, float]:
    """Duration and acceptance rate of a short run at an acceptance level."""
    assert resolved.algorithm is not None
    walk = TraceWalk(resolved.trace.with_acceptance(level), resolved.configuration.seed)
    outcome = build_schedule(machine).run(walk, build_policy(resolved.algorithm), tokens)
    ledger = outcome.ledger
    judged = ledger.accepted + ledger.rejected
    return outcome.end, ledger.accepted / judged if judged else 0.0
