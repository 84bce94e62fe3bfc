"""Predict every row of a folder of reference measurements."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from ahasd.errors import AhasdError
from ahasd.validation.amusd import Amusd
from ahasd.validation.field.device_presets import DeviceModels, DevicePresets, RunsAlone
from ahasd.validation.field.device_speeds import DeviceSpeeds
from ahasd.validation.field.expert_offload import ExpertOffload
from ahasd.validation.field.speculation import Speculation
from ahasd.validation.onnxim import Onnxim
from ahasd.validation.pimsimulator import PimSimulator
from ahasd.validation.pimsimulator_host import PimSimulatorHost
from ahasd.validation.ramulator import Ramulator
from ahasd.validation.reference import FileReport, Reference
from ahasd.validation.scalesim import ScaleSim
from ahasd.validation.verify_width import VerifyWidth

#: Every kind of reference file there is.
REFERENCES: tuple[Reference, ...] = (
    Amusd(),
    DeviceModels(),
    DevicePresets(),
    DeviceSpeeds(),
    ExpertOffload(),
    Onnxim(),
    PimSimulator(),
    PimSimulatorHost(),
    Ramulator(),
    ScaleSim(),
    Speculation(),
    RunsAlone(),
    VerifyWidth(),
)


def validate(
    folder: Path,
    references: Sequence[Reference] = REFERENCES,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[FileReport]:
    """Compare every file of a known kind; files of other kinds and absent ones are skipped.

    Parameters
    ----------
    folder
        Holds reference files, and ``timings.yaml`` with the timing sets that their rows name.
    progress
        Called with files done and files in all.

    Raises
    ------
    AhasdError
        The folder does not exist or holds no reference file, or a file is malformed.
    """
    if not os.path.isdir(folder):
        raise AhasdError(f"'{folder}' is not a folder of reference measurements")
    known = [
        (reference, path)
        for path in sorted(folder.iterdir())
        for reference in references
        if path.is_file() and reference.reads(path.name)
    ]
    reports: list[FileReport] = []
    for done, (reference, path) in enumerate(known, start=1):
        report = reference.compare(path)
        if report is not None:
            reports.append(report)
        progress(done, len(known))
    if not reports:
        raise AhasdError(f"'{folder}' holds no reference file that is known here")
    return reports
