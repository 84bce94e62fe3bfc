"""Predict every row of a folder of reference measurements."""

import os
from collections.abc import Sequence
from pathlib import Path

from ahasd.errors import AhasdError
from ahasd.validation.amusd import Amusd
from ahasd.validation.onnxim import Onnxim
from ahasd.validation.pimsimulator import PimSimulator
from ahasd.validation.pimsimulator_host import PimSimulatorHost
from ahasd.validation.ramulator import Ramulator
from ahasd.validation.reference import FileReport, Reference
from ahasd.validation.scalesim import ScaleSim

#: Every kind of reference file there is.
REFERENCES: tuple[Reference, ...] = (
    Amusd(),
    Onnxim(),
    PimSimulator(),
    PimSimulatorHost(),
    Ramulator(),
    ScaleSim(),
)


def validate(folder: Path, references: Sequence[Reference] = REFERENCES) -> list[FileReport]:
    """Compare every file of a known kind; files of other kinds and absent ones are skipped.

    Parameters
    ----------
    folder
        Holds reference files, and ``timings.yaml`` with the timing sets that their rows name.

    Raises
    ------
    AhasdError
        The folder does not exist or holds no reference file, or a file is malformed.
    """
    if not os.path.isdir(folder):
        raise AhasdError(f"'{folder}' is not a folder of reference measurements")
    reports = [
        reference.compare(path)
        for path in sorted(folder.iterdir())
        for reference in references
        if path.is_file() and reference.reads(path.name)
    ]
    if not reports:
        raise AhasdError(f"'{folder}' holds no reference file that is known here")
    return reports
