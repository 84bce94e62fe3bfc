"""interim"""

from ahasd.hardware.cost import StepCost
from ahasd.hardware.preset import Hardware
from ahasd.systems.preset import SystemPreset


class _Interim:
    def rates(self, stream: StepCost, pim: StepCost) -> tuple[float, float]:
        return 1.0 - pim.data_seconds / pim.seconds, 1.0


class _Free:
    def rates(self, stream: StepCost, pim: StepCost) -> tuple[float, float]:
        return 1.0, 1.0


def build_sharing(hardware: Hardware, system: SystemPreset) -> _Interim | _Free:
    return _Free() if system.ideal_bus_sharing else _Interim()
