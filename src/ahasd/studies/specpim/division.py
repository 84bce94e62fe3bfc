"""How a product in memory is divided over channels: along its inputs, its outputs, or both."""

from enum import StrEnum
from functools import cache
from math import log, sqrt

from ahasd.hardware.pim.pim import Pim
from ahasd.hardware.placement.placement import RankSet
from ahasd.hardware.preset.hardware import Hardware
from ahasd.workload.operators import Operator, OperatorKind
from ahasd.workload.precision import Precision


class Division(StrEnum):
    """How a matrix of K inputs and N outputs lies over C channels."""

    OUTPUTS = "outputs"
    """Every channel has N / C outputs, takes all inputs, and gives whole sums: as the first-order device has it."""
    INPUTS = "inputs"
    """Every channel has K / C inputs, and gives a partial sum of each output."""
    RULE = "rule"
    """Into as many parts along K as the factor of C that is nearest to √(K·C/N) (H2-LLM's artefact)."""


@cache
def input_parts(channels: int, inputs: int, outputs: int) -> int:
    """The factor of C nearest to √(K·C/N), by ratio; of two as near the smaller."""
    wanted = sqrt(inputs * channels / outputs)
    factors = [factor for factor in range(1, channels + 1) if channels % factor == 0]
    return min(factors, key=lambda factor: (abs(log(factor / wanted)), factor))


class DividedPim(Pim):
    """The first-order memory, its matrices divided as asked.

    Of p parts along K each of the C channels takes K / p inputs, and each output leaves as p partial sums, which the
    host adds. Caches lie head by head and are not divided.

    Parameters
    ----------
    hardware, ranks, precision
        As for :class:`~ahasd.hardware.pim.pim.Pim`, without an attention algorithm unit.
    division
        See :class:`Division`.
    """

    def __init__(self, hardware: Hardware, ranks: RankSet, precision: Precision, division: Division) -> None:
        super().__init__(hardware, ranks, False, precision)
        self._division = division

    def parts(self, operator: Operator) -> int:
        """Parts along the inputs."""
        if operator.kind is not OperatorKind.MATMUL or self._division is Division.OUTPUTS:
            return 1
        if self._division is Division.INPUTS:
            return self.channels
        return input_parts(self.channels, operator.inputs, operator.outputs)

    def _input_bytes(self, operator: Operator) -> int:
        return super()._input_bytes(operator) // self.parts(operator)

    def _crossing_bytes(self, operator: Operator) -> int:
        return super()._crossing_bytes(operator) * self.parts(operator)
