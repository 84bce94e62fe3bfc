"""What each stream of commands has to do of a product on the PIM ranks of a channel."""

from dataclasses import replace

import pytest

from ahasd.errors import AhasdError
from ahasd.hardware.channel.co_simulation import PimProduct, PimWork
from ahasd.hardware.channel.co_simulation.work import Driving
from ahasd.hardware.pim.commands import PimGeometry
from ahasd.hardware.pim.commands.gemv import gemv_sections
from ahasd.hardware.pim.commands.options import MEASURED
from ahasd.hardware.pim.commands.stream import Phase, flatten

RANK = PimGeometry(
    channels=1, ranks=1, banks=16, bank_groups=4, blocks=16, column_bytes=32, columns_per_row=8,
    element_bytes=1, input_registers=8, output_registers=8,
)  # fmt: skip
PRODUCT = PimProduct(outputs=100, inputs=64, batch=2, read_bursts=7, written_bursts=70)


def work(ranks: int, driving: Driving) -> PimWork:
    return PimWork((PRODUCT,), RANK, ranks=ranks, driving=driving)


def test_one_stream_for_all_ranks_does_the_whole_product_in_lockstep() -> None:
    shared = work(3, Driving.BROADCAST)
    assert shared.agents == 1
    assert shared.share(PRODUCT) == PRODUCT
    assert (shared.agent_geometry.ranks, shared.agent_geometry.lockstep_ranks) == (3, 3)


def test_a_stream_for_each_rank_does_its_share_rounded_up() -> None:
    apart = work(3, Driving.PER_RANK)
    assert apart.agents == 3
    assert apart.share(PRODUCT) == PimProduct(34, 64, 2, 3, 24)
    assert (apart.agent_geometry.ranks, apart.agent_geometry.lockstep_ranks) == (1, 1)


@pytest.mark.parametrize("driving", list(Driving))
def test_a_product_is_followed_by_its_reads_then_its_writes(driving: Driving) -> None:
    done = work(2, driving)
    share, groups = done.share(PRODUCT), list(done.groups(PRODUCT))
    product = list(
        flatten(gemv_sections(done.agent_geometry, share.outputs, share.inputs, share.batch, MEASURED))
    )
    assert groups[: len(product)] == product
    crossing = [run for group in groups[len(product) :] for run in group]
    writes = [run.write for run in crossing]
    assert writes == sorted(writes)
    assert {run.phase for run in crossing} == {Phase.EPILOGUE}
    for write, bursts in ((False, share.read_bursts), (True, share.written_bursts)):
        assert sum(run.count for run in crossing if run.write is write) == bursts


def test_bursts_fill_a_row_in_each_bank_group_before_the_next() -> None:
    """Seven reads, one more in each of the first three groups; seventy writes, 32 to a row of four groups."""
    groups = list(work(1, Driving.BROADCAST).groups(PRODUCT))
    crossing = [[(run.bank, run.row, run.count) for run in group] for group in groups[-4:]]
    assert crossing == [
        [(0, 0, 2), (4, 0, 2), (8, 0, 2), (12, 0, 1)],
        [(bank, 1, 8) for bank in (0, 4, 8, 12)],
        [(bank, 3, 8) for bank in (0, 4, 8, 12)],
        [(0, 5, 2), (4, 5, 2), (8, 5, 1), (12, 5, 1)],
    ]
    few = replace(PRODUCT, read_bursts=2, written_bursts=0)
    assert [(run.bank, run.count) for run in list(work(1, Driving.BROADCAST).groups(few))[-1]] == [
        (0, 1),
        (4, 1),
    ]


@pytest.mark.parametrize(("products", "ranks"), [((), 1), ((PRODUCT,), 0)])
def test_work_is_something_to_do_for_somebody(products: tuple[PimProduct, ...], ranks: int) -> None:
    with pytest.raises(AhasdError, match="at least one product and one rank"):
        PimWork(products, RANK, ranks=ranks)
