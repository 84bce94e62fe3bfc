"""Command stream of a matrix-vector product."""

from functools import lru_cache

from ahasd.errors import AhasdError
from ahasd.hardware.pim.commands.framing import COMPUTE_SWITCH, epilogue, prologue
from ahasd.hardware.pim.commands.geometry import PimGeometry
from ahasd.hardware.pim.commands.options import PimOptions
from ahasd.hardware.pim.commands.stream import Body, ControlRow, Group, Phase, Run, Section, in_rows


def gemv_sections(
    geometry: PimGeometry, outputs: int, inputs: int, batch: int, options: PimOptions
) -> list[Section]:
    """Sections of `batch` products of an `outputs` × `inputs` matrix with a vector.

    A pass computes the outputs that fit the accumulators, over all inputs, for as many tokens as one weight read
    serves. Its tiles of inputs lie alternately in the lockstep bank sets; all tiles of the even banks come first.
    For each the inputs are written to the registers, then the weights are read. At its end the accumulators
    are written to the banks, where the host finds them (it still has to read and add up the lanes; not counted).

    Raises
    ------
    AhasdError
        A dimension is not at least 1.
    """
    for name, value in (("outputs", outputs), ("inputs", inputs), ("batch", batch)):
        if value < 1:
            raise AhasdError(f"a matrix-vector product needs {name} of at least 1, not {value}")
    passes = -(-outputs // geometry.pass_outputs)
    tiles = -(-inputs // geometry.tile_inputs)
    sets = geometry.banks_per_block
    # Results lie behind the weights of all passes, in the bank set that also holds the register row.
    results_row = -(-passes * -(-tiles // sets) * geometry.tile_columns // geometry.columns_per_row)
    start_or_stop = Section(COMPUTE_SWITCH)
    sections = [prologue(geometry, 2 * sets + 2)]  # a multiply and a jump per bank set, a pause, an end
    for index in range(passes):
        first_column = index * tiles // sets * geometry.tile_columns
        for tokens in _shares(batch, options.weight_reuse):
            interval = options.column_interval(tokens)
            sections.append(start_or_stop)
            for bank in range(sets):
                count = len(range(bank, tiles, sets))
                sections += _tiles(geometry, tokens, interval, bank, count, first_column)
            sections.append(Section(_write_back(geometry, tokens), 1, results_row))
            sections.append(start_or_stop)
    sections.append(epilogue(geometry))
    return sections


def _shares(batch: int, weight_reuse: int) -> list[int]:
    """Tokens of each pass over the weights."""
    whole, rest = divmod(batch, weight_reuse)
    return [weight_reuse] * whole + ([rest] if rest else [])


def _tiles(
    geometry: PimGeometry, tokens: int, interval: int, bank: int, count: int, first_column: int
) -> list[Section]:
    """`count` tiles in one bank set; a body is as many as it takes to come back to the start of a row."""
    period = geometry.row_period(geometry.tile_columns)
    row, column = divmod(first_column, geometry.columns_per_row)
    row_step = period * geometry.tile_columns // geometry.columns_per_row
    whole, rest = divmod(count, period)
    sections: list[Section] = []
    if whole:
        body = _tile_body(geometry, tokens, interval, bank, period, column)
        sections.append(Section(body, whole, row, row_step))
    if rest:
        body = _tile_body(geometry, tokens, interval, bank, rest, column)
        sections.append(Section(body, 1, row + whole * row_step))
    return sections


@lru_cache(maxsize=1024)
def _tile_body(
    geometry: PimGeometry, tokens: int, interval: int, bank: int, count: int, first_column: int
) -> Body:
    """Register writes and weight reads of `count` tiles; a group for each row that is read.

    The measured kernel also puts barriers between the reads of a row, where they change nothing.
    """
    groups: list[Group] = []
    last = geometry.banks_per_block - 1
    inputs = geometry.input_registers * tokens
    for tile in range(count):
        groups.append((Run(True, last, ControlRow.REGISTERS, inputs, Phase.REGISTER_WRITE),))
        reads = Run(False, bank, 0, geometry.tile_columns, Phase.COMPUTE, interval)
        column = first_column + tile * geometry.tile_columns
        groups += [(part,) for part in in_rows(geometry.columns_per_row, reads, column)]
    return tuple(groups)


@lru_cache(maxsize=64)
def _write_back(geometry: PimGeometry, tokens: int) -> Body:
    """Write the accumulators to the last bank set."""
    count = geometry.output_registers * tokens
    run = Run(True, geometry.banks_per_block - 1, 0, count, Phase.WRITE_BACK)
    return (in_rows(geometry.columns_per_row, run, 0),)
