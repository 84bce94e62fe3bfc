"""Commands around an operation: parking, mode switches, program load."""

from functools import lru_cache

from ahasd.hardware.pim.commands.geometry import PimGeometry
from ahasd.hardware.pim.commands.stream import Body, ControlRow, Group, Phase, Run, Section

#: Start or stop computing on column commands: a write to the control register.
COMPUTE_SWITCH: Body = ((Run(True, 0, ControlRow.REGISTERS, 1, Phase.MODE_SWITCH),),)


def switching_banks(geometry: PimGeometry) -> tuple[int, ...]:
    """Banks whose activation enters all-bank mode: one of each lockstep set, in two distant bank groups."""
    half = geometry.bank_groups // 2 * (geometry.banks // geometry.bank_groups)
    first = range(geometry.banks_per_block)
    return tuple(dict.fromkeys([*first, *(half + bank for bank in first)]))


@lru_cache(maxsize=256)
def prologue(geometry: PimGeometry, instructions: int) -> Section:
    """Park, enter all-bank mode, load a program of `instructions` instructions."""
    enter = tuple(
        Run(True, bank, ControlRow.ENTER_ALL_BANK, 1, Phase.PROLOGUE) for bank in switching_banks(geometry)
    )
    columns = -(-instructions * geometry.instruction_bytes // geometry.column_bytes)
    program = Run(True, geometry.banks_per_block - 1, ControlRow.REGISTERS, columns, Phase.PROLOGUE)
    return Section((_park(geometry, Phase.PROLOGUE), enter, (program,)))


@lru_cache(maxsize=256)
def epilogue(geometry: PimGeometry) -> Section:
    """Leave all-bank mode and park again."""
    leave = tuple(
        Run(True, bank, ControlRow.LEAVE_ALL_BANK, 1, Phase.EPILOGUE)
        for bank in range(geometry.banks_per_block)
    )
    return Section((leave, _park(geometry, Phase.EPILOGUE)))


def _park(geometry: PimGeometry, phase: Phase) -> Group:
    """Read a harmless row in every bank, across bank groups first."""
    per_group = geometry.banks // geometry.bank_groups
    return tuple(
        Run(False, group * per_group + index, ControlRow.PARK, 1, phase)
        for index in range(per_group)
        for group in range(geometry.bank_groups)
    )
