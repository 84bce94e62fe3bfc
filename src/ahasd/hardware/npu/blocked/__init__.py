"""Products cut into blocks that are kept in the scratchpad for reuse, in closed form."""

from ahasd.hardware.npu.blocked.chips import Chips
from ahasd.hardware.npu.blocked.cost import BlockedCost, array_seconds, blocked_cost
from ahasd.hardware.npu.blocked.product import Product
from ahasd.hardware.npu.blocked.schedules import Order, Schedule, schedules

__all__ = [
    "BlockedCost",
    "Chips",
    "Order",
    "Product",
    "Schedule",
    "array_seconds",
    "blocked_cost",
    "schedules",
]
