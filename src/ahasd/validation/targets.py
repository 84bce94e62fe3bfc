"""How good each comparison is meant to be."""

from dataclasses import dataclass

from ahasd.validation.reference import FileReport, PredictedRow, max_error, mean_error


@dataclass(frozen=True, slots=True)
class Target:
    """Largest mean and largest single error that are acceptable, fractions."""

    mean: float
    worst: float
    predicted_by: str

    def met_by(self, comparisons: tuple[PredictedRow, ...]) -> bool:
        """Whether the errors of some rows are no larger."""
        return mean_error(comparisons) <= self.mean and max_error(comparisons) <= self.worst


#: (beginning of the file's name, group) -> target; "" matches every group.
TARGETS: dict[tuple[str, str], Target] = {
    ("pimsimulator_pim", "refresh off"): Target(0.005, 0.02, "PIM command model"),
    ("pimsimulator_pim", "refresh on"): Target(0.01, 0.03, "PIM command model"),
    ("pimsimulator_host", ""): Target(0.03, 0.08, "DRAM request streams"),
    ("scalesim_gemm", ""): Target(0.0, 0.0, "systolic array without overlap between folds"),
    ("onnxim_gemm", ""): Target(0.04, 0.12, "NPU core with double buffering and DRAM"),
    ("ramulator_lpddr5", ""): Target(0.03, 0.08, "DRAM request streams"),
    ("verify_width", ""): Target(0.12, 0.30, "width cost of the backend's kernels"),
    ("amusd_", ""): Target(0.06, 0.10, "event simulation from measured step times"),
}


def target_for(file: str, group: str) -> Target | None:
    """The target of a file's group, or of the whole file for group ""; None where none is set."""
    for (beginning, wanted), target in TARGETS.items():
        if file.startswith(beginning) and wanted == group:
            return target
    return None


def rows_by_target(report: FileReport) -> dict[str, tuple[PredictedRow, ...]]:
    """The rows of a file by group where its groups have targets of their own, else all of them as group ""."""
    groups = report.groups()
    if any(target_for(report.name, name) is not None for name in groups if name):
        return groups
    return {"": report.comparisons}
