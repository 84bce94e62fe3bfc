"""Command stream of a matrix-vector product."""

from ahasd.errors import AhasdError
from ahasd.hardware.pim_commands.framing import compute_switch, epilogue, prologue
from ahasd.hardware.pim_commands.geometry import PimGeometry
from ahasd.hardware.pim_commands.options import PimOptions
from ahasd.hardware.pim_commands.stream import ControlRow, Group, Phase, Run, Section


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
    # A multiply and a jump per bank set, a pause, an end.
    sections = [prologue(geometry, 2 * sets + 2)]
    bodies = {
        tokens: _PassBodies(geometry, tokens, options.column_interval(tokens))
        for tokens in _shares(batch, options.weight_reuse)
    }
    # The weights of a pass take as many whole tiles in each bank set; results lie behind all weights.
    rows_per_tile = -(-geometry.tile_columns // geometry.columns_per_row)
    results_row = passes * (-(-tiles // sets)) * rows_per_tile
    for index in range(passes):
        first_column = index * tiles // sets * geometry.tile_columns
        for tokens in _shares(batch, options.weight_reuse):
            body = bodies[tokens]
            sections.append(body.start)
            for bank in range(sets):
                sections += body.tiles(bank, len(range(bank, tiles, sets)), first_column)
            sections.append(Section(body.write_back, 1, results_row))
            sections.append(body.stop)
    sections.append(epilogue(geometry))
    return sections


def _shares(batch: int, weight_reuse: int) -> list[int]:
    """Tokens of each pass over the weights."""
    whole, rest = divmod(batch, weight_reuse)
    return [weight_reuse] * whole + ([rest] if rest else [])


class _PassBodies:
    """Bodies of a pass, made once so that their repeats are recognised."""

    def __init__(self, geometry: PimGeometry, tokens: int, interval: int) -> None:
        self._geometry = geometry
        self._tokens = tokens
        self._interval = interval
        self.start = Section((compute_switch(),))
        self.stop = Section((compute_switch(),))
        last = geometry.banks_per_block - 1
        self.write_back: tuple[Group, ...] = (
            (Run(True, last, 0, geometry.output_registers * tokens, Phase.WRITE_BACK),),
        )
        self._tiles: dict[tuple[int, int, int], tuple[Group, ...]] = {}

    def tiles(self, bank: int, count: int, first_column: int) -> list[Section]:
        """`count` tiles in one bank set; their body is as long as it takes to come back to a row's start."""
        geometry = self._geometry
        period = geometry.tiles_per_row_step
        row, column = divmod(first_column, geometry.columns_per_row)
        row_step = period * geometry.tile_columns // geometry.columns_per_row
        whole, rest = divmod(count, period)
        sections = [Section(self._body(bank, period, column), whole, row, row_step)] if whole else []
        if rest:
            sections.append(Section(self._body(bank, rest, column), 1, row + whole * row_step))
        return sections

    def _body(self, bank: int, count: int, column: int) -> tuple[Group, ...]:
        key = bank, count, column
        if key not in self._tiles:
            groups: list[Group] = []
            for tile in range(count):
                groups.append(self._register_write())
                groups += self._reads(bank, column + tile * self._geometry.tile_columns)
            self._tiles[key] = tuple(groups)
        return self._tiles[key]

    def _register_write(self) -> Group:
        geometry = self._geometry
        count = geometry.input_registers * self._tokens
        last = geometry.banks_per_block - 1
        return (Run(True, last, ControlRow.REGISTERS, count, Phase.REGISTER_WRITE),)

    def _reads(self, bank: int, column: int) -> list[Group]:
        """Read the columns of a tile; a group for each row that they touch.

        The measured kernel puts a barrier behind every eight reads; within a row it changes nothing.
        """
        geometry = self._geometry
        end = column + geometry.tile_columns
        groups: list[Group] = []
        while column < end:
            row, offset = divmod(column, geometry.columns_per_row)
            count = min(end - column, geometry.columns_per_row - offset)
            groups.append((Run(False, bank, row, count, Phase.COMPUTE, self._interval),))
            column += count
        return groups
