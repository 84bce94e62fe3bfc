"""Command streams of element-wise operations."""

from enum import StrEnum

from ahasd.errors import AhasdError
from ahasd.hardware.pim_commands.framing import compute_switch, epilogue, prologue
from ahasd.hardware.pim_commands.geometry import PimGeometry
from ahasd.hardware.pim_commands.options import PimOptions
from ahasd.hardware.pim_commands.stream import Group, Phase, Run, Section


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
    the same in the next bank set. Operands and result lie in different rows of the same banks.

    Raises
    ------
    AhasdError
        `length` is not at least 1.
    """
    if length < 1:
        raise AhasdError(f"an element-wise operation needs a length of at least 1, not {length}")
    rounds = -(-length // geometry.stripe_elements)
    columns = geometry.output_registers
    rows = -(-rounds * columns // geometry.columns_per_row)
    # A fill, for two operands an operation, and a pause per bank set; a jump back if there are rounds; an end.
    instructions = geometry.banks_per_block * (operation.operands + 1) + (rounds > 1) + 1
    interval = options.column_interval(1)
    period = max(1, geometry.columns_per_row // columns)
    whole, rest = divmod(rounds, period)
    row_step = max(1, columns // geometry.columns_per_row)
    sections = [prologue(geometry, instructions), Section((compute_switch(),))]
    for count, repeats, row in ((period, whole, 0), (rest, 1 if rest else 0, whole * row_step)):
        if repeats:
            body = _rounds(geometry, operation, count, rows, interval)
            sections.append(Section(body, repeats, row, row_step))
    sections += [Section((compute_switch(),)), epilogue(geometry)]
    return sections


def _rounds(
    geometry: PimGeometry, operation: ElementwiseOperation, rounds: int, rows: int, interval: int
) -> tuple[Group, ...]:
    """`rounds` rounds whose columns share a row; each vector has its own `rows` rows."""
    count = geometry.output_registers
    groups: list[Group] = []
    for index in range(rounds):
        for bank in range(geometry.banks_per_block):
            for vector in range(operation.operands + 1):
                result = vector == operation.operands
                phase = Phase.WRITE_BACK if result else Phase.COMPUTE
                groups.append(
                    _split(geometry, result, bank, vector * rows, index * count, count, phase, interval)
                )
    return tuple(groups)


def _split(
    geometry: PimGeometry,
    write: bool,
    bank: int,
    first_row: int,
    column: int,
    count: int,
    phase: Phase,
    interval: int,
) -> Group:
    """Run of `count` columns, split where it crosses a row."""
    runs: list[Run] = []
    while count:
        row, offset = divmod(column, geometry.columns_per_row)
        part = min(count, geometry.columns_per_row - offset)
        runs.append(Run(write, bank, first_row + row, part, phase, 0 if write else interval))
        column, count = column + part, count - part
    return tuple(runs)
