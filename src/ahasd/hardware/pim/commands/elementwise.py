"""Command streams of element-wise operations."""

from enum import StrEnum
from functools import lru_cache

from ahasd.errors import AhasdError
from ahasd.hardware.pim.commands.framing import COMPUTE_SWITCH, epilogue, prologue
from ahasd.hardware.pim.commands.geometry import PimGeometry
from ahasd.hardware.pim.commands.options import PimOptions
from ahasd.hardware.pim.commands.stream import Body, Group, Phase, Run, Section, in_rows


class ElementwiseOperation(StrEnum):
    """Operations on vectors of equal length."""

    ADD = "add"
    MUL = "mul"
    RELU = "relu"

    @property
    def operands(self) -> int:
        """Vectors that it reads."""
        return 1 if self is ElementwiseOperation.RELU else 2


def elementwise_sections(
    geometry: PimGeometry, operation: ElementwiseOperation, length: int, options: PimOptions
) -> list[Section]:
    """Sections of an element-wise operation.

    A round reads a register set of each operand from one lockstep bank set and writes the result back, then does
    the same in the next bank set. Operands and result lie in different rows of the same banks. A last round that
    is not full costs the same.

    Raises
    ------
    AhasdError
        `length` is not at least 1.
    """
    if length < 1:
        raise AhasdError(f"an element-wise operation needs a length of at least 1, not {length}")
    rounds = -(-length // geometry.round_elements)
    columns = geometry.output_registers
    rows = -(-rounds * columns // geometry.columns_per_row)
    # A fill, with two operands an operation, and a pause per bank set; a jump back if there are rounds; an end.
    instructions = geometry.banks_per_block * (operation.operands + 1) + (rounds > 1) + 1
    interval = options.column_interval(1)
    period = geometry.row_period(columns)
    row_step = period * columns // geometry.columns_per_row
    whole, rest = divmod(rounds, period)
    sections = [prologue(geometry, instructions), Section(COMPUTE_SWITCH)]
    if whole:
        sections.append(Section(_round_body(geometry, operation, period, rows, interval), whole, 0, row_step))
    if rest:
        sections.append(Section(_round_body(geometry, operation, rest, rows, interval), 1, whole * row_step))
    return [*sections, Section(COMPUTE_SWITCH), epilogue(geometry)]


@lru_cache(maxsize=1024)
def _round_body(
    geometry: PimGeometry, operation: ElementwiseOperation, rounds: int, rows: int, interval: int
) -> Body:
    """`rounds` rounds that start at the start of a row; each vector has `rows` rows to itself."""
    groups: list[Group] = []
    columns = geometry.output_registers
    for index in range(rounds):
        for bank in range(geometry.banks_per_block):
            for vector in range(operation.operands):
                read = Run(False, bank, vector * rows, columns, Phase.COMPUTE, interval)
                groups.append(in_rows(geometry.columns_per_row, read, index * columns))
            write = Run(True, bank, operation.operands * rows, columns, Phase.WRITE_BACK)
            groups.append(in_rows(geometry.columns_per_row, write, index * columns))
    return tuple(groups)
