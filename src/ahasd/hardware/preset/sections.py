"""The typed sections of a hardware preset; units stand in the names of the fields."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from ahasd.hardware.gpu.width.backends import Backend
from ahasd.hardware.pim.kv_layout import ValueLayout
from ahasd.hardware.preset.only_in import DETAILED_ONLY, FIRST_ORDER_ONLY
from ahasd.hardware.preset.ranges import RANGES
from ahasd.text_files import plain_number

#: How an NPU cuts products. ``blocked``: into blocks kept in the scratchpad for reuse, with the best order and sizes
#: for each product. ``onnxim``: into ONNXim's tiles, of which nothing stays for the next one; square arrays only.
Tiling = Literal["blocked", "onnxim"]


class Section(BaseModel):
    """A group of constants; unknown keys and values out of range are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return plain_number(value)

    @field_validator("*", mode="after")
    @classmethod
    def _in_range(cls, value: Any, info: ValidationInfo) -> Any:
        if info.field_name in RANGES and value is not None:
            RANGES[info.field_name].check(value)
        return value


class NpuSection(Section):
    """A systolic-array accelerator with a vector unit and a scratchpad."""

    clock_ghz: float = Field(gt=0)
    chips: int = Field(ge=1)
    array_rows: int = Field(ge=1, description="height of the matrix unit: weights along the inputs (K)")
    array_columns: int = Field(ge=1, description="width of the matrix unit: weights along the outputs (N)")
    vector_tops: float = Field(gt=0, description="element operations of the vector unit, per chip")
    scratchpad_mb: float = Field(gt=0, description="10^6 bytes, per chip")
    accumulator_mb: Annotated[float, DETAILED_ONLY] = Field(gt=0, description="10^6 bytes, per chip")
    fused_attention: bool = Field(
        description="scores of a prompt stay in the scratchpad, keys and values stream by"
    )
    launch_us: float = Field(ge=0, description="fixed time of one operator: fill, drain, first access")
    bandwidth_efficiency: float = Field(
        default=1.0,
        gt=0,
        le=1,
        description="share that this NPU draws of what a long stream gets from the memory",
    )
    compute_efficiency: float = Field(
        default=1.0, gt=0, le=1, description="share of the peak of its arrays and vector unit that it reaches"
    )
    tiling: Annotated[Tiling, DETAILED_ONLY] = Field(
        default="blocked",
        description="blocked: blocks stay in the scratchpad for reuse; onnxim: its tiles, none of which does",
    )
    rate_at_16_bit: float = Field(
        default=0.5, gt=0, le=1, description="16-bit multiply-accumulates per 8-bit one in the same time"
    )
    energy_at_16_bit: float = Field(
        default=6.5, ge=1, description="joules of a 16-bit multiply-accumulate per joule of an 8-bit one"
    )


class GpuSection(Section):
    """A GPU and its memory: peak rates, what measured machines reach of them, and what the board draws."""

    memory_gib: float = Field(gt=0, description="2^30 bytes")
    reserved_gib: float = Field(ge=0, description="of the memory: context, workspaces, activations")
    gb_per_second: float = Field(gt=0, description="peak of the memory")
    bandwidth_efficiency: float = Field(gt=0, le=1, description="share of it that a GEMV reaches")
    fp16_tflops: float = Field(
        gt=0, description="peak of the tensor cores, dense, FP32 sums; 4-bit weights too"
    )
    int8_tops: float = Field(gt=0, description="peak of the tensor cores, dense; 8-bit weights")
    gemm_efficiency: float = Field(gt=0, le=1, description="share of these peaks that a GEMM reaches")
    backend: Backend = Field(
        default="ideal-tensor-cores",
        description="whose kernels decide what a pass of several rows costs; absent, as in what earlier versions "
        "wrote, more rows cost nothing until the tensor cores are busy",
    )
    vector_tflops: float = Field(gt=0, description="peak of the ordinary cores, FP32")
    l2_mb: float = Field(
        gt=0, description="10^6 bytes; larger activations of an operator go through the memory"
    )
    fused_attention: bool = Field(description="scores stay on the chip: attention is one launch")
    launch_us: float = Field(
        ge=0, description="launching a kernel from the CPU, beside the kernel that runs (graphs: false)"
    )
    graphs: bool = Field(description="a pass is launched as one graph")
    graph_launch_us: float = Field(ge=0, description="from a kernel to the next one in a graph")
    pcie_gb_per_second: float = Field(
        ge=0, description="to the CPU's memory, each way; 0 if it is the same memory"
    )
    pcie_efficiency: float = Field(
        gt=0, le=1, description="share of it that a copy from pinned memory reaches"
    )
    offload: bool = Field(
        description="layers that do not fit lie in the CPU's memory and are copied in for every pass"
    )
    offload_overlap: bool = Field(description="the copy goes on beside the kernels, or before them")
    idle_w: float | None = Field(default=None, ge=0, description="board, always; absent: not known")
    limit_w: float | None = Field(default=None, gt=0, description="board at work; absent: not known")

    @property
    def available_bytes(self) -> int:
        """Bytes for weights and caches."""
        return int((self.memory_gib - self.reserved_gib) * 2**30)

    @property
    def work_w(self) -> float:
        """What the board draws more at work than at rest, in watts; 0 where either is not known."""
        return 0.0 if self.limit_w is None or self.idle_w is None else self.limit_w - self.idle_w


class MemorySection(Section):
    """The module that holds the weights: channels, ranks and the bus to the NPU."""

    channels: int = Field(ge=1, description="of the module; the totals of `pim` are spread over them")
    ranks_per_channel: int = Field(ge=1, description="the totals of `pim` are spread over all ranks")
    rank_capacity_gib: float = Field(gt=0)
    channel_gb_per_second: float = Field(gt=0, description="peak of one channel's data bus")
    bus_efficiency: Annotated[float, FIRST_ORDER_ONLY] = Field(
        gt=0,
        le=1,
        description="share of the peak that a long stream reaches; detailed costs take the timing set's",
    )
    timing: str = Field(
        description="name of the DRAM timing set; in first order it counts where two sides share a channel"
    )
    refresh_rate: float = Field(
        default=1.0,
        ge=0,
        le=8,
        description="refreshes, as a multiple of the timing set's (detailed) and of rank_refresh_mw: "
        "2 or 4 when hot; 0 is a memory that needs none",
    )

    @property
    def ranks(self) -> int:
        """Ranks of the whole module."""
        return self.channels * self.ranks_per_channel

    @property
    def rank_capacity_bytes(self) -> int:
        """Bytes that one rank holds."""
        return int(self.rank_capacity_gib * 2**30)

    @property
    def channel_bytes_per_second(self) -> float:
        """Bytes per second that a long stream gets from one channel."""
        return self.channel_gb_per_second * 1e9 * self.bus_efficiency


class PimSection(Section):
    """Compute units inside the memory; rates are those of the whole module, spread evenly over its ranks."""

    clock_ghz: float = Field(gt=0)
    gmac_per_second: float = Field(
        gt=0,
        description="10^9 INT8 multiply-accumulates per second; a total that the ranks share",
    )
    rate_at_16_bit: float = Field(
        default=0.5, gt=0, le=1, description="16-bit multiply-accumulates per 8-bit one in the same time"
    )
    energy_at_16_bit: float = Field(
        default=6.5, ge=1, description="joules of a 16-bit multiply-accumulate per joule of an 8-bit one"
    )
    gb_per_second: float = Field(
        gt=0, description="peak of all bank arrays together; a total that the ranks share"
    )
    bandwidth_efficiency: Annotated[float, FIRST_ORDER_ONLY] = Field(
        gt=0, le=1, description="share of that peak that a GEMV reaches; detailed costs play its commands"
    )
    array_efficiency: Annotated[float, DETAILED_ONLY] = Field(
        default=1.0,
        gt=0,
        le=1,
        description="share of that peak that a GEMV's column reads reach, beside what its commands lose",
    )
    compute_efficiency: float = Field(
        default=1.0, gt=0, le=1, description="share of the peak of its units, and of the AAU, that it reaches"
    )
    weight_reuse: int = Field(ge=1, le=4, description="tokens served by one read of a weight")
    launch_us: float = Field(
        ge=0, description="fixed time of one operator: mode switches, program load (first-order; look-ups)"
    )
    drive: Annotated[Literal["broadcast", "per_rank"], DETAILED_ONLY] = Field(
        description="one command for all ranks of a channel that hold the model, or one for each"
    )
    mode_switches: Annotated[bool, DETAILED_ONLY] = Field(
        description="products pay for parking, all-bank mode, program, start and stop"
    )
    accumulator_bytes: int = Field(ge=1, description="bytes of a sum whose lanes have been added")
    value_layout: ValueLayout = Field(description="cached values in the banks: transposed, or as keys lie")
    banks: int = Field(ge=1, le=128, description="banks of a rank, each with a compute unit")
    bank_groups: Annotated[int, DETAILED_ONLY] = Field(ge=1, description="of a rank")
    row_bytes: Annotated[int, DETAILED_ONLY] = Field(ge=1, description="of a bank's row")
    column_bytes: int = Field(ge=1, description="what a column command moves in a bank")
    input_registers: Annotated[int, DETAILED_ONLY] = Field(
        ge=1, description="vector registers of a unit for inputs"
    )
    output_registers: Annotated[int, DETAILED_ONLY] = Field(
        ge=1, description="vector registers of a unit for sums"
    )
    activation_window: Annotated[bool, DETAILED_ONLY] = Field(
        description="tFAW holds for the banks that one broadcast activates"
    )
    gate_switch_cycles: int = Field(ge=0, description="enable one rank set and gate the other")
    power_cap_w: float = Field(
        gt=0, description="dynamic power of arrays and units; a total that the ranks share"
    )


class AauSection(Section):
    """The attention algorithm unit (AAU) of every rank that computes, on the clock of ``pim``."""

    lanes: int = Field(ge=1, description="element operations in a cycle")
    latency_cycles: int = Field(ge=0, description="of one vector operator beyond its element operations")


class CpuSection(Section):
    """The cores that run the control loop between drafter and verifier."""

    queue_transfer_us: float = Field(ge=0, description="a batch or a verdict from one side to the other")
    polling_us: float = Field(ge=0, description="interval at which a side looks at its queues")
    decision_us: float = Field(ge=0, description="one decision of EDC or TVC")


class EnergySection(Section):
    """Energy per access and operation, and static power."""

    offchip_pj_per_bit: float = Field(ge=0)
    pim_array_pj_per_bit: float = Field(ge=0)
    npu_mac_pj: float = Field(ge=0)
    pim_mac_pj: float = Field(ge=0)
    vector_operation_pj: float = Field(ge=0)
    scratchpad_pj_per_byte: float = Field(ge=0)
    npu_static_mw: float = Field(ge=0)
    row_activation_pj: float = Field(ge=0, description="opening and closing a row to append to it")
    rank_power_down_mw: float = Field(ge=0, description="one rank, always")
    rank_refresh_mw: float = Field(ge=0, description="one rank, always; at a refresh_rate of 1")
    rank_active_mw: float = Field(ge=0, description="on top of idle while a rank is streamed or computes")
