"""Silicon that a machine's NPU and its units in memory take, from published floor plans."""

from collections.abc import Mapping

from ahasd.errors import AhasdError
from ahasd.hardware.preset.hardware import Hardware

#: TPU v1 (Jouppi et al., ISCA 2017): 28 nm, die at most 331 mm² (table 2); of it the matrix unit of 65,536 8-bit
#: MACs takes 24 %, the unified buffer of 24 MiB 29 %, the accumulators of 4 MiB 6 % (figure 2). So these are upper
#: ends: the die may be smaller. The paper's text confirms the shares (section 2: the buffer almost a third, the
#: matrix unit a quarter); die and percentages are quoted from memory and were not checked again.
_DIE_MM2 = 331.0
MAC_MM2 = 0.24 * _DIE_MM2 / 65_536
SCRATCHPAD_MM2_PER_MB = 0.29 * _DIE_MM2 / (24 * 2**20 / 1e6)
ACCUMULATOR_MM2_PER_MB = 0.06 * _DIE_MM2 / (4 * 2**20 / 1e6)

#: Element operations of a vector unit in a cycle, each in the area of one MAC (ours; no floor plan parts them).
VECTOR_LANE_MM2 = MAC_MM2

#: HBM-PIM (Lee et al., ISCA 2021, table of the execution unit): 0.712 mm² of a 20 nm DRAM die for 16 lanes of FP16
#: (quoted from memory; process and lanes are in ISSCC 2021's abstract, the area was not checked again).
PIM_LANE_MM2 = 0.712 / 16

#: AHASD (arXiv 2604.25326, area table): the AAUs take 1.25 mm² at 28 nm, with 16 lanes each.
AAU_MM2, AAU_LANES = 1.25, 16


def area_parts_mm2(hardware: Hardware) -> Mapping[str, float]:
    """Square millimetres of what computes: ``npu`` at 28 nm, ``pim`` in the memory's dies, ``aau``.

    What does not compute (the bus, controllers, the arrays of the memory) is not counted.

    Raises
    ------
    AhasdError
        The machine has a GPU, of whose die no floor plan is known.
    """
    if hardware.gpus:
        raise AhasdError(f"the area of '{hardware.name}' is not known: it has a GPU")
    parts: dict[str, float] = {}
    npu, pim, aau = hardware.npu, hardware.pim, hardware.aau
    if npu is not None:
        vector_lanes = npu.vector_tops * 1e12 / (npu.clock_ghz * 1e9)
        parts["npu"] = npu.chips * (
            npu.array_rows * npu.array_columns * MAC_MM2
            + npu.scratchpad_mb * SCRATCHPAD_MM2_PER_MB
            + npu.accumulator_mb * ACCUMULATOR_MM2_PER_MB
            + vector_lanes * VECTOR_LANE_MM2
        )
    if pim is not None:
        lanes = pim.gmac_per_second * pim.rate_at_16_bit / pim.clock_ghz
        parts["pim"] = lanes * PIM_LANE_MM2
    if aau is not None:
        parts["aau"] = AAU_MM2 * aau.lanes / AAU_LANES
    return parts


def area_mm2(hardware: Hardware) -> float:
    """All of it together; see :func:`area_parts_mm2`."""
    return sum(area_parts_mm2(hardware).values())
