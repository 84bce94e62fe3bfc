"""Reading the prompt: on the NPU, from weights that may lie as the PIM wants them, or in memory."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ahasd.hardware.cost import NO_COST, StepCost
from ahasd.hardware.device import Device
from ahasd.hardware.energy import bits_j, energy_vector, operations_j
from ahasd.hardware.npu.npu import Npu
from ahasd.hardware.preset.preset import Hardware
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.operators import Operator, OperatorKind
from ahasd.workload.passes import forward_pass
from ahasd.workload.precision import Precision

#: Who reads the prompt of a model that decodes in memory. ``pim`` does it in as many products with a vector as the
#: prompt has tokens (fewer where a weight read serves several), ten times slower and more than the NPU in every
#: reading of AHASD's platform (LLaMA2-7B, 128 tokens: 151 ms on the NPU, 1.5 to 18 s in memory), hence the NPU by
#: default.
PrefillDevice = Literal["npu", "pim"]

#: How the NPU gets weights that lie in the banks as the PIM wants them: a row of a bank holds a tile of outputs by
#: inputs, and neighbouring outputs lie in other banks.
#:
#: ``mapped`` (default, ours): whoever fetches them knows the layout. Bursts of the same row of all banks are taken in
#: turn, so the stream keeps its rate, and they are put in order in the scratchpad, which is one more write and read
#: of every byte there. This is what FACIL (HPCA 2025, doi 10.1109/HPCA61900.2025.00127) does without the reordering:
#: its memory controller picks the address mapping by page, and weights in PIM layout show at contiguous addresses.
#:
#: ``copy``: a memory system with one address mapping lays the weights out anew for every prefill, as the baseline of
#: FACIL and, layer by layer, PIM-SHERPA (arXiv 2603.09216) do: every byte is read and written once more. Copies run
#: through the scratchpad in blocks so large that turns of the bus do not count. A prompt of 128 then takes 2.9 times
#: as long (LLaMA2 7B and 13B on the platform of AHASD; FACIL reports 2.4 to 2.6 against its baseline), a cost that
#: nobody who built such a machine would leave in, hence the default.
WeightReading = Literal["mapped", "copy"]


@dataclass(frozen=True, slots=True)
class PromptReader:
    """A model and the device that reads its prompt.

    Attributes
    ----------
    spec
        The model.
    device
        An NPU, or the PIM that holds the model.
    pim_layout
        Whether the weights lie as the PIM wants them: for every model that ever computes there.
    """

    spec: ModelSpec
    device: Device
    pim_layout: bool


def prefill_cost(
    readers: Iterable[PromptReader],
    tokens: int,
    precision: Precision,
    hardware: Hardware,
    reading: WeightReading = "mapped",
) -> StepCost:
    """Cost of filling the caches with a prompt's first ``tokens`` tokens, one model after the other.

    The head is left out: the first decoding pass feeds the prompt's last token, whose logits are the first needed.

    Parameters
    ----------
    readers
        The models, each with its device.
    tokens
        Entries that the caches hold afterwards; at 0 there is nothing to do.
    precision
        Widths of weights, cache and activations.
    hardware
        The machine, for its energy constants.
    reading
        How an NPU gets weights in PIM layout.
    """
    cost = NO_COST
    if tokens == 0:
        return cost
    for reader in readers:
        graph = forward_pass(reader.spec, tokens, 0, precision, logits=0)
        cost = cost + reader.device.cost(graph)
        if reader.pim_layout and isinstance(reader.device, Npu):
            cost = cost + reorder_cost(reader.device, graph.operators, hardware, reading)
    return cost


def reorder_cost(
    npu: Npu, operators: Iterable[Operator], hardware: Hardware, reading: WeightReading
) -> StepCost:
    """Cost of bringing the matrices of a pass from the PIM's order into the NPU's, beyond streaming them."""
    weights = sum(operator.weight_bytes for operator in operators if operator.kind is OperatorKind.MATMUL)
    energy = hardware.require_energy()
    # In and out of the scratchpad once more, behind the stream.
    scratchpad = operations_j(2 * weights, energy.scratchpad_pj_per_byte)
    if reading == "mapped":
        return StepCost(energy_j=energy_vector(scratchpad=scratchpad))
    crossing = 2 * weights
    seconds = crossing / npu.bytes_per_second
    return StepCost(
        seconds=seconds,
        bus_bytes=crossing,
        energy_j=energy_vector(
            scratchpad=scratchpad,
            dram_offchip=bits_j(crossing, energy.offchip_pj_per_bit),
            dram_active=seconds * npu.channels * energy.rank_active_mw * 1e-3,
        ),
    )
