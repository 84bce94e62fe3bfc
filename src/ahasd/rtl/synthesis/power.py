"""Power, an estimate: activity counted in the simulator x energy per toggle of the library, scaled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ahasd.rtl.parameters import HardwareParameters
from ahasd.rtl.synthesis.activity import Activity, aau_activity, controller_activity
from ahasd.rtl.synthesis.scaling import energy_factor
from ahasd.rtl.synthesis.synthesis import SynthesizedModule

#: Of a gate's output: ½ C V² of 28 fF, which abc finds to be the mean load, at 1.8 V, and 0.041 pJ inside the cell
#: (AND2X1 of osu018's liberty at 25 fF).
TOGGLE_180_J = 0.086e-12

#: Of a flip-flop and cycle: 28 fF clock pin and 0.14 pJ inside DFFPOSX1 (osu018's liberty); no clock tree.
CLOCK_180_J = 0.23e-12

#: Authors' repository.
PIM_CLOCK_HZ = 800e6

METHOD = (
    "an estimate: toggles counted in Amaranth's simulator x energy per toggle of osu018, scaled to 32 nm; "
    "no wires, no clock tree, no leakage"
)


@dataclass(frozen=True, slots=True)
class Power:
    """An estimate from counted toggles.

    Attributes
    ----------
    decisions_per_second
        Of EDC, in the simulated run.
    energy_per_batch_j
        Of the controller, for one batch with all that belongs to it, its clock gated otherwise.
    controller_w, controller_ungated_w
        In that run: with the clock stopped when there is nothing to do, and with it running always.
    aau_streaming_w
        Of one AAU while it takes a beat per cycle.
    controller_activity, aau_activity
        Share of the bits that change in a cycle: of the controller while it works on the run's batches, of the AAU
        while random vectors stream through a norm.
    """

    decisions_per_second: float
    energy_per_batch_j: float
    controller_w: float
    controller_ungated_w: float
    aau_streaming_w: float
    controller_activity: float
    aau_activity: float


def estimate_power(
    parameters: HardwareParameters,
    modules: Sequence[SynthesizedModule],
    batches: Sequence[Sequence[float]],
    decisions_per_second: float,
) -> Power:
    """Count toggles while the hardware works on batches of a simulated run; see ``cost.hardware_cost``."""
    controller = [module for module in modules if module.name.startswith("controller")]
    aau = [module for module in modules if module.name.startswith("aau")]
    deciding, streaming = controller_activity(parameters, batches), aau_activity(parameters)
    per_batch = _energy_per_cycle(controller, deciding, {}) * deciding.cycles / len(batches)
    clock = sum(module.flip_flops for module in controller) * CLOCK_180_J * energy_factor()
    return Power(
        decisions_per_second,
        per_batch,
        per_batch * decisions_per_second,
        per_batch * decisions_per_second + clock * PIM_CLOCK_HZ,
        _energy_per_cycle(aau, streaming, {"aau_lane": parameters.lanes}) * PIM_CLOCK_HZ,
        deciding.per_bit_and_cycle,
        streaming.per_bit_and_cycle,
    )


def _energy_per_cycle(
    modules: Sequence[SynthesizedModule], activity: Activity, counts: Mapping[str, int]
) -> float:
    """Joules: the share of bits that toggle, taken for that of all gates, and the clock of every flip-flop."""
    gates = sum((module.cells - module.flip_flops) * counts.get(module.name, 1) for module in modules)
    flip_flops = sum(module.flip_flops * counts.get(module.name, 1) for module in modules)
    at_180 = gates * activity.per_bit_and_cycle * TOGGLE_180_J + flip_flops * CLOCK_180_J
    return at_180 * energy_factor()
