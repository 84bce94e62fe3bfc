"""How long ranks take to start and stop computing, by the commands that they are sent."""

from dataclasses import dataclass

from ahasd.claims.ahasd.condition import AhasdCondition
from ahasd.claims.measuring.known_runs import Asked, KnownRuns
from ahasd.claims.measuring.value import Draws, drawn
from ahasd.hardware.build_devices import build_pim
from ahasd.hardware.fidelity import Fidelity
from ahasd.hardware.placement.placement import RankSet
from ahasd.hardware.preset.overrides import override
from ahasd.hardware.preset.preset import load_preset
from ahasd.workload.linear_layer import LinearLayer
from ahasd.workload.operators import matmul
from ahasd.workload.precision import Precision

#: A product whose time hardly matters: it is what surrounds it that is asked for.
_PRODUCT = LinearLayer("product", 1024, 1024)


@dataclass(frozen=True, slots=True)
class ModeSwitch:
    """Seconds around a product: parking, all-bank mode, program, start and stop, and back, and the gating of ranks.

    The commands are those of the PIM model that ``ahasd validate`` holds against PIMSimulator; the gating takes the
    preset's cycles. No claim is made on time that a running product needs to end.
    """

    def configurations(self, condition: AhasdCondition) -> list[Asked]:
        """None: it asks a device."""
        return []

    def draws(self, known_runs: KnownRuns, condition: AhasdCondition) -> Draws:
        """See `Measurement`; neither tokens nor seeds matter."""
        hardware = override(load_preset(condition.reading), condition.set).hardware
        memory, pim = hardware.require_memory(), hardware.require_pim()
        ranks = RankSet(memory.channels, 0, memory.ranks_per_channel)
        device = build_pim(hardware, ranks, True, Precision(), Fidelity.DETAILED)
        around_it = device.operator_cost(matmul(_PRODUCT, 1, Precision())).launch_seconds
        return drawn((around_it + pim.gate_switch_cycles / (pim.clock_ghz * 1e9),))
