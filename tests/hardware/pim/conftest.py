"""Machines of these tests."""

import pytest

from ahasd.hardware.dram.timing import DramTiming
from ahasd.hardware.pim.commands import PimGeometry

# HBM2 at 1 ns, as in tests/reference/timings.yaml.
HBM2 = DramTiming(
    tCK_ns=1.0, BL=4, RL=20, WL=8, tCCDS=2, tCCDL=4, tRCDRD=14, tRCDWR=10, tRP=14, tRAS=33, tRC=47,
    tRRDS=4, tRRDL=6, tRTPS=4, tRTPL=5, tWR=16, tWTRS=4, tWTRL=9, tRTRS=1, tREFI=3900, tRFC=350, tFAW=16,
)  # fmt: skip

# The timing table of AHASD (arXiv 2604.25326); what it leaves out is taken from LPDDR5-6400 at that clock.
LPDDR5 = DramTiming(
    tCK_ns=0.625, BL=16, RL=17, WL=9, tCCDS=4, tCCDL=6, tRCDRD=32, tRCDWR=32, tRP=32, tRAS=64, tRC=96,
    tRRDS=8, tRRDL=8, tRTPS=8, tRTPL=8, tWR=24, tWTRS=5, tWTRL=10, tREFI=6240, tRFC=560, tFAW=64,
    transfers_per_cycle=4,
)  # fmt: skip

# Sixteen units of a bank each, INT8, rows of 2 KiB.
LPDDR5_PIM = PimGeometry(
    channels=1, ranks=4, banks=16, bank_groups=4, blocks=16, column_bytes=32, columns_per_row=64,
    element_bytes=1, input_registers=8, output_registers=8,
)  # fmt: skip


@pytest.fixture(scope="session")
def hbm2() -> DramTiming:
    return HBM2


@pytest.fixture(scope="session")
def lpddr5() -> DramTiming:
    return LPDDR5


@pytest.fixture(scope="session")
def lpddr5_pim() -> PimGeometry:
    return LPDDR5_PIM
