"""Shape of a memory with compute units in its banks."""

from dataclasses import dataclass
from math import gcd

from ahasd.errors import AhasdError


@dataclass(frozen=True, slots=True)
class PimGeometry:
    """What a column command moves, and how many units and banks it moves it in.

    Every channel receives the same commands, so one channel's command stream is the device's.

    Attributes
    ----------
    channels
        Channels that work on one operation, each with its own command bus.
    ranks
        Ranks on the command bus of a channel; they share it also for their refreshes.
    lockstep_ranks
        Ranks of a channel that obey one broadcast command together; the others stay idle.
    banks, bank_groups
        Of a rank.
    blocks
        Compute units of a rank. With half as many blocks as banks a block serves an even and an odd bank, one of
        them at a time; with as many blocks as banks each bank has its own.
    column_bytes
        Bytes that a column command moves per bank (a burst).
    columns_per_row
        Column commands that one open row serves.
    element_bytes
        Bytes of an operand.
    input_registers, output_registers
        Vector registers of a block, a column each: for inputs, and for accumulators.
    instruction_bytes
        Bytes of an instruction of the blocks' program.
    """

    channels: int
    ranks: int
    banks: int
    bank_groups: int
    blocks: int
    column_bytes: int
    columns_per_row: int
    element_bytes: int
    input_registers: int
    output_registers: int
    instruction_bytes: int = 4
    lockstep_ranks: int = 1

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise AhasdError(f"PIM geometry: {name} must be a whole number of at least 1, not {value!r}")
        if self.blocks not in (self.banks, self.banks // 2):
            raise AhasdError(
                f"PIM geometry: {self.blocks} blocks for {self.banks} banks; a block serves one bank or two"
            )
        if self.banks % self.bank_groups or self.banks % self.blocks:
            raise AhasdError(
                f"PIM geometry: {self.banks} banks do not divide into {self.bank_groups} groups "
                f"and {self.blocks} blocks"
            )
        if self.ranks % self.lockstep_ranks:
            raise AhasdError(
                f"PIM geometry: {self.ranks} ranks do not divide into sets of {self.lockstep_ranks} in lockstep"
            )
        if self.column_bytes % self.element_bytes or self.column_bytes % self.instruction_bytes:
            raise AhasdError(
                f"PIM geometry: a column of {self.column_bytes} bytes does not hold whole elements of "
                f"{self.element_bytes} and instructions of {self.instruction_bytes} bytes"
            )

    @property
    def banks_per_block(self) -> int:
        """Banks that a block serves; as many lockstep sets of banks take turns."""
        return self.banks // self.blocks

    @property
    def lanes(self) -> int:
        """Elements in a column, and multipliers of a block."""
        return self.column_bytes // self.element_bytes

    @property
    def tile_inputs(self) -> int:
        """Inputs that the input registers of a block hold."""
        return self.input_registers * self.lanes

    @property
    def tile_columns(self) -> int:
        """Column reads that multiply a full set of input registers into every accumulator."""
        return self.input_registers * self.output_registers

    @property
    def pass_outputs(self) -> int:
        """Outputs whose partial sums all blocks hold at once."""
        return self.output_registers * self.blocks * self.channels * self.lockstep_ranks

    @property
    def round_elements(self) -> int:
        """Elements that one round of an element-wise operation covers: all banks, a register set each."""
        return self.output_registers * self.lanes * self.banks * self.channels * self.lockstep_ranks

    @property
    def macs_per_column(self) -> int:
        """Multiply-accumulates of one column command in all blocks, per token."""
        return self.lanes * self.blocks * self.channels * self.lockstep_ranks

    def row_period(self, columns: int) -> int:
        """Consecutive pieces of `columns` columns after which one starts at the start of a row again."""
        return self.columns_per_row // gcd(self.columns_per_row, columns)

    def bank_group(self, bank: int) -> int:
        """Group of a bank; neighbours in number share one."""
        return bank // (self.banks // self.bank_groups)


#: Samsung HBM2-PIM as its public simulator (SAITPublic/PIMSimulator) configures it: 64 pseudo-channels of two ranks,
#: one of which computes; rows of 1 KiB; FP16; register files GRF_A and GRF_B of eight 32-byte registers.
HBM2_PIM = PimGeometry(
    channels=64,
    ranks=2,
    banks=16,
    bank_groups=4,
    blocks=8,
    column_bytes=32,
    columns_per_row=32,
    element_bytes=2,
    input_registers=8,
    output_registers=8,
)
