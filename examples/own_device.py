"""A device of your own: an NPU that is a plain roofline, in the place of the one that is timed tile by tile."""

import ahasd

BYTES_PER_SECOND, MACS_PER_SECOND = 40e9, 10e12
JOULES_PER_BYTE, JOULES_PER_MAC = 32e-12, 1e-12


class Roofline(ahasd.Device):
    """Every operator takes the longer of its traffic and its arithmetic."""

    name = "npu"

    def operator_cost(self, operator: ahasd.Operator) -> ahasd.OperatorCost:
        """Weights and cached keys and values cross the bus; activations stay on the chip."""
        moved = operator.weight_bytes + operator.kv_read_bytes + operator.kv_write_bytes
        compute, memory = operator.macs / MACS_PER_SECOND, moved / BYTES_PER_SECOND
        joules = ahasd.energy_vector(
            npu_compute=operator.macs * JOULES_PER_MAC, dram_offchip=moved * JOULES_PER_BYTE
        )
        return ahasd.OperatorCost(
            operator=operator,
            cost=ahasd.StepCost(
                seconds=max(compute, memory), bus_bytes=moved, macs=operator.macs, energy_j=joules
            ),
            compute_seconds=compute,
            memory_seconds=memory,
            bound=ahasd.Bound.COMPUTE if compute > memory else ahasd.Bound.MEMORY,
        )


result = ahasd.simulate(system="npu", algorithm="fixed:3", devices={"npu": Roofline()}, tokens=256)
print(result.verdict.sentence)
