"""Ranks that obey the same commands, and ranks that have commands of their own."""

import pytest

from ahasd.assignments import assign
from ahasd.hardware.build_devices import build_pim
from ahasd.hardware.cost import OperatorCost
from ahasd.hardware.fidelity import Fidelity
from ahasd.hardware.placement.placement import RankSet
from ahasd.hardware.preset.preset import Hardware
from ahasd.workload.linear_layer import LinearLayer
from ahasd.workload.operators import matmul
from ahasd.workload.precision import Precision


def cost(hardware: Hardware, drive: str, ranks: int, rows: int = 1) -> OperatorCost:
    """Cost of a product of 4096 x 4096."""
    machine = assign(hardware, "pim.drive", drive)
    device = build_pim(machine, RankSet(4, 0, ranks), True, Precision(), Fidelity.DETAILED)
    return device.operator_cost(matmul(LinearLayer("product", 4096, 4096), rows, Precision()))


@pytest.mark.parametrize("rows", [1, 3])
def test_registers_of_ranks_driven_apart_are_written_for_each(module_mac: Hardware, rows: int) -> None:
    """Accumulators of four channels and four ranks hold 2048 outputs: the inputs are written twice to a channel."""
    written = 2 * 4096 * 4 * rows
    together, apart = (cost(module_mac, drive, 4, rows) for drive in ("broadcast", "per_rank"))
    assert (
        together.cost.bus_bytes == written + 4096 * rows
    )  # and the inputs come out of the ranks that made them
    assert apart.cost.bus_bytes == 4 * written + 4096 * rows


def test_commands_of_their_own_take_the_buses_for_longer(module_mac: Hardware) -> None:
    together, apart = (cost(module_mac, drive, 4) for drive in ("broadcast", "per_rank"))
    assert apart.bus_seconds > together.bus_seconds
    assert apart.cost.seconds - together.cost.seconds == pytest.approx(
        apart.bus_seconds - together.bus_seconds, rel=1e-6
    )
    assert 3 < apart.cost.data_seconds / together.cost.data_seconds < 4
    assert apart.cost.array_bytes == together.cost.array_bytes


def test_a_rank_alone_has_its_commands_for_itself_anyway(module_mac: Hardware) -> None:
    assert cost(module_mac, "per_rank", 1) == cost(module_mac, "broadcast", 1)
