"""The command streams of operations, group by group, on a machine of four banks."""

import pytest

from ahasd.hardware.pim.commands import PimGeometry, PimOptions
from ahasd.hardware.pim.commands.elementwise import ElementwiseOperation, elementwise_sections
from ahasd.hardware.pim.commands.framing import switching_banks
from ahasd.hardware.pim.commands.gemv import gemv_sections
from ahasd.hardware.pim.commands.options import MEASURED
from ahasd.hardware.pim.commands.stream import ControlRow, Group, Phase, Run, Section, flatten

#: Two units of an even and an odd bank each; 8 elements a column, 4 columns a row, 2 registers of each kind.
PAIRS = PimGeometry(
    channels=1, ranks=1, banks=4, bank_groups=2, blocks=2, column_bytes=16, columns_per_row=4,
    element_bytes=2, input_registers=2, output_registers=2,
)  # fmt: skip
#: A unit for each bank.
SINGLE = PimGeometry(
    channels=1, ranks=1, banks=4, bank_groups=2, blocks=4, column_bytes=16, columns_per_row=4,
    element_bytes=2, input_registers=2, output_registers=2,
)  # fmt: skip

REGISTERS, PARK = ControlRow.REGISTERS, ControlRow.PARK
ENTER, LEAVE = ControlRow.ENTER_ALL_BANK, ControlRow.LEAVE_ALL_BANK
SWITCH: Group = (Run(True, 0, REGISTERS, 1, Phase.MODE_SWITCH),)


def park(phase: Phase) -> Group:
    """Every bank, across bank groups first."""
    return tuple(Run(False, bank, PARK, 1, phase) for bank in (0, 2, 1, 3))


def read(bank: int, row: int, count: int = 4, interval: int = 0) -> Group:
    return (Run(False, bank, row, count, Phase.COMPUTE, interval),)


def write(bank: int, row: int, count: int, phase: Phase = Phase.WRITE_BACK) -> Group:
    return (Run(True, bank, row, count, phase),)


def played(sections: list[Section]) -> list[Group]:
    return list(flatten(sections))


def test_a_product_on_paired_banks() -> None:
    """16 inputs a tile, a row of weights each; 3 tiles: two for the even banks, one for the odd; a pass of 4 outputs.

    A program of six instructions of four bytes takes two columns; results lie behind two rows of weights.
    """
    registers = write(1, REGISTERS, 2, Phase.REGISTER_WRITE)
    assert played(gemv_sections(PAIRS, 4, 48, 1, MEASURED)) == [
        park(Phase.PROLOGUE),
        tuple(Run(True, bank, ENTER, 1, Phase.PROLOGUE) for bank in (0, 1, 2, 3)),
        write(1, REGISTERS, 2, Phase.PROLOGUE),
        SWITCH,
        registers,
        read(0, 0),
        registers,
        read(0, 1),
        registers,
        read(1, 0),
        write(1, 2, 2),
        SWITCH,
        tuple(Run(True, bank, LEAVE, 1, Phase.EPILOGUE) for bank in (0, 1)),
        park(Phase.EPILOGUE),
    ]


def test_a_product_with_a_unit_per_bank_reads_weights_again_for_each_pass_and_set_of_tokens() -> None:
    """Two passes of 8 outputs over one tile, for three tokens, two of which share a read of the weights."""
    options = PimOptions(weight_reuse=2, mac_cycles=5)
    groups = played(gemv_sections(SINGLE, 9, 16, 3, options))
    assert groups[:3] == [
        park(Phase.PROLOGUE),
        tuple(Run(True, bank, ENTER, 1, Phase.PROLOGUE) for bank in (0, 2)),
        write(0, REGISTERS, 1, Phase.PROLOGUE),  # four instructions
    ]
    expected = []
    for row in (0, 1):
        for tokens in (2, 1):
            expected += [
                SWITCH,
                write(0, REGISTERS, 2 * tokens, Phase.REGISTER_WRITE),
                read(0, row, interval=options.column_interval(tokens)),
                write(0, 2, 2 * tokens),
                SWITCH,
            ]
    assert groups[3:-2] == expected
    assert groups[-2:] == [(Run(True, 0, LEAVE, 1, Phase.EPILOGUE),), park(Phase.EPILOGUE)]


def test_tiles_that_end_in_the_middle_of_a_row_go_on_there() -> None:
    """Three registers of each kind: nine columns a tile, four of a row; a body of four tiles is nine rows."""
    nine = PimGeometry(
        channels=1, ranks=1, banks=4, bank_groups=2, blocks=4, column_bytes=16, columns_per_row=4,
        element_bytes=2, input_registers=3, output_registers=3,
    )  # fmt: skip
    sections = gemv_sections(nine, 12, 5 * 24, 1, MEASURED)
    reads = [
        (run.row, run.count) for group in flatten(sections) for run in group if run.phase is Phase.COMPUTE
    ]
    assert sum(count for _, count in reads) == 5 * 9
    assert reads[:4] == [(0, 4), (1, 4), (2, 1), (2, 3)]
    assert reads[-3:] == [(9, 4), (10, 4), (11, 1)]
    assert [(section.repeats, section.row_step) for section in sections if section.row_step] == [(1, 9)]
    results = [run for group in flatten(sections) for run in group if run.phase is Phase.WRITE_BACK]
    assert [(run.row, run.count) for run in results] == [(12, 3)]  # behind 45 columns of weights


@pytest.mark.parametrize(
    ("operation", "operands", "instructions"),
    [(ElementwiseOperation.ADD, 2, 7), (ElementwiseOperation.RELU, 1, 5)],
)
def test_an_element_wise_operation_on_paired_banks(
    operation: ElementwiseOperation, operands: int, instructions: int
) -> None:
    """64 elements a round; three rounds of two columns are two rows of each vector.

    For each lockstep set a fill for the first operand, an operation for the second, and a pause; a jump; an end.
    """
    instructions += 1  # the jump
    groups = played(elementwise_sections(PAIRS, operation, 130, MEASURED))
    assert groups[2:4] == [write(1, REGISTERS, -(-instructions * 4 // 16), Phase.PROLOGUE), SWITCH]
    expected = []
    for row in (0, 0, 1):
        for bank in (0, 1):
            expected += [read(bank, 2 * vector + row, 2) for vector in range(operands)]
            expected.append(write(bank, 2 * operands + row, 2))
    assert groups[4:-3] == expected
    assert groups[-3] == SWITCH


def test_a_single_round_needs_no_jump() -> None:
    """Two banks to a unit: 7 instructions of an addition take two columns of four, 8 of two rounds as well."""
    wide = PimGeometry(
        channels=1, ranks=1, banks=4, bank_groups=2, blocks=2, column_bytes=28, columns_per_row=4,
        element_bytes=2, input_registers=2, output_registers=2,
    )  # fmt: skip
    columns = {
        length: played(elementwise_sections(wide, ElementwiseOperation.ADD, length, MEASURED))[2][0].count
        for length in (wide.round_elements, wide.round_elements + 1)
    }
    assert list(columns.values()) == [1, 2]


def test_all_bank_mode_is_entered_through_two_distant_bank_groups() -> None:
    assert switching_banks(PAIRS) == (0, 1, 2, 3)
    assert switching_banks(SINGLE) == (0, 2)
    hbm = PimGeometry(
        channels=1, ranks=1, banks=16, bank_groups=4, blocks=8, column_bytes=32, columns_per_row=32,
        element_bytes=2, input_registers=8, output_registers=8,
    )  # fmt: skip
    assert switching_banks(hbm) == (0, 1, 8, 9)
