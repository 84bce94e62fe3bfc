"""Processing in memory as command streams: what a GEMV or an element-wise operation costs in lockstep banks.

A generator of commands (`gemv`, `elementwise`) makes sections of groups between barriers; `player` schedules them on
`channel` as the controller of Samsung's HBM2-PIM simulator does; `extrapolation` plays nothing twice.
"""

from ahasd.hardware.pim.commands.cycles import (
    CycleBreakdown,
    PimCommandModel,
    elementwise_cycles,
    gemv_cycles,
    pim_command_model,
)
from ahasd.hardware.pim.commands.elementwise import ElementwiseOperation
from ahasd.hardware.pim.commands.geometry import HBM2_PIM, PimGeometry
from ahasd.hardware.pim.commands.options import MEASURED, PimOptions

__all__ = [
    "HBM2_PIM",
    "MEASURED",
    "CycleBreakdown",
    "ElementwiseOperation",
    "PimCommandModel",
    "PimGeometry",
    "PimOptions",
    "elementwise_cycles",
    "gemv_cycles",
    "pim_command_model",
]
