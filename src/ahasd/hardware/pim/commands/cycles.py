"""Cycles of operations on a memory that computes, and what they go to."""

from dataclasses import dataclass, replace
from functools import lru_cache

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.hardware.dram.timing import DramTiming
from ahasd.hardware.pim.commands.constraints import Constraints
from ahasd.hardware.pim.commands.elementwise import ElementwiseOperation, elementwise_sections
from ahasd.hardware.pim.commands.extrapolation import Extrapolator, Played
from ahasd.hardware.pim.commands.gemv import gemv_sections
from ahasd.hardware.pim.commands.geometry import PimGeometry
from ahasd.hardware.pim.commands.options import MEASURED, PimOptions
from ahasd.hardware.pim.commands.player import Player
from ahasd.hardware.pim.commands.stream import Phase, Section


@dataclass(frozen=True, slots=True)
class CycleBreakdown:
    """Cycles of an operation; the parts add up to `total`.

    Attributes
    ----------
    prologue, epilogue
        Parking, all-bank mode, program load; and back, with the latency of the last read.
    mode_switches
        Starting and stopping to compute, once per pass.
    compute
        Column reads that compute, as long as they follow each other.
    register_writes, write_back
        Inputs to registers; results to banks.
    row_switches
        Waits for a row to be opened.
    turnarounds
        Waits between reads and writes.
    refresh
        What refresh adds to all of these.
    """

    prologue: int
    mode_switches: int
    register_writes: int
    compute: int
    write_back: int
    row_switches: int
    turnarounds: int
    epilogue: int
    refresh: int

    @property
    def total(self) -> int:
        """All cycles."""
        return sum(getattr(self, name) for name in self.__slots__)

    def extended(self, longer: "CycleBreakdown", times: int) -> "CycleBreakdown":
        """Add ``times`` the difference to a longer operation."""
        return CycleBreakdown(
            *[
                getattr(self, name) + times * (getattr(longer, name) - getattr(self, name))
                for name in self.__slots__
            ]
        )


class PimCommandModel:
    """Times operations by playing their command streams; what was played once is kept.

    Parameters
    ----------
    timing
        In cycles of the command clock.
    geometry
        The machine.
    options
        Beside them.
    reuse
        False searches for and plays every command instead of extrapolating: the same result, slowly.

    Raises
    ------
    AhasdError
        The activation window is asked for and the timing set has no tFAW.
    """

    def __init__(
        self, timing: DramTiming, geometry: PimGeometry, options: PimOptions = MEASURED, reuse: bool = True
    ) -> None:
        if options.activation_window and not timing.tFAW:
            raise AhasdError("activation_window needs a timing set with tFAW above 0")
        self._geometry = geometry
        self._options = options
        constraints = Constraints.of(timing, options.activation_window)
        # Registers and channels change what is played, and not how.
        played = replace(geometry, channels=1, input_registers=1, output_registers=1)
        build = shared_extrapolator if reuse else _extrapolator
        self._extrapolator: Extrapolator = build(played, constraints, timing.tREFI, reuse)
        # The last read arrives a latency after its command, which is on the bus for a cycle; cycle 0 counts.
        self._arrival = constraints.read_latency + 2
        # The sets of ranks are refreshed in turn.
        sets = geometry.ranks // geometry.lockstep_ranks
        self._refresh_due = tuple(timing.tREFI // sets * (index + 1) for index in range(sets))

    @property
    def kept_outcomes(self) -> int:
        """Outcomes that are kept, of this and of all like machines."""
        return self._extrapolator.kept_outcomes

    def gemv(self, outputs: int, inputs: int, batch: int = 1, refresh: bool = True) -> int:
        """Cycles of a matrix-vector product; see `gemv_cycles`."""
        sections = gemv_sections(self._geometry, outputs, inputs, batch, self._options)
        return self._play(sections, refresh).cycles + self._arrival

    def elementwise(self, operation: str, length: int, refresh: bool = True) -> int:
        """Cycles of an element-wise operation; see `elementwise_cycles`."""
        return self._play(self._elementwise_sections(operation, length), refresh).cycles + self._arrival

    def gemv_breakdown(
        self, outputs: int, inputs: int, batch: int = 1, refresh: bool = True
    ) -> CycleBreakdown:
        """What the cycles of a matrix-vector product go to."""
        return self._breakdown(gemv_sections(self._geometry, outputs, inputs, batch, self._options), refresh)

    def _elementwise_sections(self, operation: str, length: int) -> list[Section]:
        if operation not in list(ElementwiseOperation):
            raise UnknownNameError("element-wise operation", operation, list(ElementwiseOperation))
        return elementwise_sections(self._geometry, ElementwiseOperation(operation), length, self._options)

    def _play(self, sections: list[Section], refresh: bool) -> Played:
        return self._extrapolator.run(sections, self._refresh_due if refresh else ())

    def _breakdown(self, sections: list[Section], refresh: bool) -> CycleBreakdown:
        quiet = self._play(sections, False)
        phases = quiet.phases
        return CycleBreakdown(
            prologue=phases[Phase.PROLOGUE],
            mode_switches=phases[Phase.MODE_SWITCH],
            register_writes=phases[Phase.REGISTER_WRITE],
            compute=phases[Phase.COMPUTE],
            write_back=phases[Phase.WRITE_BACK],
            row_switches=phases[Phase.ROW_SWITCH],
            turnarounds=phases[Phase.TURNAROUND],
            epilogue=phases[Phase.EPILOGUE] + self._arrival,
            refresh=self._play(sections, True).cycles - quiet.cycles if refresh else 0,
        )


def _extrapolator(
    geometry: PimGeometry, constraints: Constraints, refresh_interval: int, reuse: bool
) -> Extrapolator:
    return Extrapolator(Player(geometry, constraints, refresh_interval, searches=not reuse), reuse)


#: Machines of other registers, rates and channels profit from each other's playing; 50 MB each at most (ours).
shared_extrapolator = lru_cache(maxsize=4)(_extrapolator)


@lru_cache(maxsize=64)
def pim_command_model(
    timing: DramTiming, geometry: PimGeometry, options: PimOptions = MEASURED
) -> PimCommandModel:
    """Model of a machine, shared so that operations profit from each other's playing."""
    return PimCommandModel(timing, geometry, options)


def gemv_cycles(
    timing: DramTiming,
    geometry: PimGeometry,
    outputs: int,
    inputs: int,
    batch: int = 1,
    refresh: bool = True,
    options: PimOptions = MEASURED,
) -> int:
    """Cycles of `batch` products of an `outputs` × `inputs` matrix with a vector.

    From the first command to the last read's data. The host's reading and adding of partial sums is not in it.

    Parameters
    ----------
    timing, geometry, options
        The machine.
    outputs, inputs, batch
        Rows and columns of the matrix, and number of vectors.
    refresh
        Whether the ranks are refreshed every tREFI.

    Raises
    ------
    AhasdError
        A dimension is not at least 1.
    """
    return pim_command_model(timing, geometry, options).gemv(outputs, inputs, batch, refresh)


def elementwise_cycles(
    operation: str,
    timing: DramTiming,
    geometry: PimGeometry,
    length: int,
    refresh: bool = True,
    options: PimOptions = MEASURED,
) -> int:
    """Cycles of an element-wise operation (`add`, `mul`, `relu`) on vectors of `length` elements.

    Raises
    ------
    UnknownNameError
        No such operation.
    AhasdError
        `length` is not at least 1.
    """
    return pim_command_model(timing, geometry, options).elementwise(operation, length, refresh)
