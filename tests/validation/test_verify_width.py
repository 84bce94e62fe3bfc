"""The width cost of backends: fitted as stated, and judged on the sources that a fit did not see."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from ahasd.errors import AhasdError
from ahasd.hardware.gpu.width.backends import Backend, width_cost
from ahasd.hardware.gpu.width.width_cost import WidthCost
from ahasd.validation.amusd import read_logs
from ahasd.validation.reference import FileReport, PredictedRow, mean_error
from ahasd.validation.table import Row
from ahasd.validation.verify_width import COLUMNS, DRAFT_STEP, VerifyWidth, backend_of, weight_bits

REFERENCE = Path(__file__).parent.parent / "reference"

#: (rows, cost) by source.
Measured = dict[str, list[tuple[int, float]]]


@pytest.fixture(scope="module")
def report() -> FileReport:
    return VerifyWidth().compare(REFERENCE / "verify_width.csv")


def vector_rows(report: FileReport, backends: Sequence[Backend]) -> Measured:
    """Passes of quantised weights that a vector kernel took, draft steps taken off."""
    found: Measured = {}
    for row in report.comparisons:
        texts = dict(row.row)
        rows = int(texts["width_rows"])
        if row.group not in backends or texts["quant"] == "F16" or rows > 8:
            continue
        drafts = DRAFT_STEP * (rows - 1) if "draft" in texts["notes"] else 0.0
        found.setdefault(texts["source"], []).append((rows, row.measured - drafts))
    return found


def fitted(measured: Measured) -> float:
    """Slope with the least squares of relative errors, each source counting the same; in closed form."""
    points = [
        ((rows - 1) / cost, 1 - 1 / cost, 1 / len(source))
        for source in measured.values()
        for rows, cost in source
    ]
    return sum(share * x * y for x, y, share in points) / sum(share * x * x for x, _, share in points)


def error(slope: float, source: list[tuple[int, float]]) -> float:
    return sum(abs((1 + slope * (rows - 1)) / cost - 1) for rows, cost in source) / len(source)


@pytest.mark.parametrize(
    ("backends", "sources"),
    [(("llama.cpp-cuda", "llama.cpp-cublas"), 3), (("llama.cpp-metal", "mlx"), 2)],
)
def test_slopes_are_fitted_and_their_error_is_that_of_sources_left_out(
    report: FileReport, backends: Sequence[Backend], sources: int
) -> None:
    measured = vector_rows(report, backends)
    assert len(measured) == sources
    left_out = [
        error(fitted({name: rows for name, rows in measured.items() if name != source}), measured[source])
        for source in measured
    ]
    free = [error(0.0, rows) for rows in measured.values()]
    for backend in backends:
        cost = width_cost(backend, 4)
        assert cost.slope == pytest.approx(fitted(measured), abs=5e-4)
        assert cost.error == pytest.approx(sum(left_out) / sources, abs=5e-4)
    # Judged on what it did not see, it is still much closer than a pass that is free.
    assert sum(left_out) < 0.5 * sum(free)


def test_two_kinds_of_vector_kernel_are_told_apart_better_than_one_slope_would(report: FileReport) -> None:
    integer = vector_rows(report, ("llama.cpp-cuda", "llama.cpp-cublas"))
    floating = vector_rows(report, ("llama.cpp-metal", "mlx"))

    def left_out(measured: Measured) -> list[float]:
        return [
            error(fitted({name: rows for name, rows in measured.items() if name != source}), measured[source])
            for source in measured
        ]

    apart = left_out(integer) + left_out(floating)
    assert sum(apart) < sum(left_out(integer | floating))


def test_beyond_the_vector_kernel_the_step_is_that_of_the_kernel_it_switches_to(report: FileReport) -> None:
    wide = {dict(row.row)["device"]: row for row in report.comparisons if dict(row.row)["width_rows"] == "9"}
    unpacked, packed = wide["CUDA (see thread)"], wide["RTX 5090"]
    assert abs(unpacked.error) < 0.01
    assert abs(packed.error) < 0.06
    assert unpacked.predicted > 1.7 * packed.predicted


def test_half_precision_is_judged_on_a_log_that_it_was_not_fitted_on() -> None:
    """The median verification over the median step; a sequence of 8B in FP16 on an A100, some 7 rows a pass."""
    logs = read_logs(REFERENCE / "amusd_humaneval_sample.json")[0]
    measured = sorted(logs["sd"].verify_times)[37] / 0.022113800048828125
    cost = width_cost("pytorch", 16)
    assert cost.error == pytest.approx(cost.relative(7) / measured - 1, abs=0.01)


def test_vulkan_is_judged_on_ratios_of_wider_and_narrower_passes() -> None:
    """Three sequences at once of 2, 3 and 4 rows, against one alone: 1.64, 1.07 and 1.09 times as many tokens."""
    cost = width_cost("llama.cpp-vulkan", 4)
    errors = [
        cost.relative(3 * rows) / cost.relative(rows) / (3 / faster) - 1
        for rows, faster in ((2, 1.64), (3, 1.07), (4, 1.09))
    ]
    assert cost.error == pytest.approx(sum(map(abs, errors)) / 3, abs=0.01)


def test_the_file_is_predicted_far_better_than_by_free_rows(report: FileReport) -> None:
    assert report.mean_error < 0.25 * mean_error(report.null)
    assert {row.predicted for row in report.null} == {1.0}


def row(**texts: str) -> Row:
    return Row("verify_width.csv", 2, dict.fromkeys(COLUMNS, "") | texts)


@pytest.mark.parametrize(
    ("device", "runtime", "backend"),
    [
        ("Apple M5 (Metal)", "llama.cpp", "llama.cpp-metal"),
        ("M2 Ultra", "llama.cpp", "llama.cpp-metal"),
        ("M4 Max", "mlx-lm", "mlx"),
        ("RX 7900 XTX (Vulkan)", "llama.cpp", "llama.cpp-vulkan"),
        ("CUDA", "llama.cpp 2024", "llama.cpp-cublas"),
        ("RTX 4090", "llama.cpp b6000", "llama.cpp-cuda"),
        ("A100", "vLLM", "pytorch"),
        ("Radeon RX 9060 XT (ROCm)", "llama.cpp", "llama.cpp-cuda"),
        ("Snapdragon 8 Elite CPU", "llama.cpp", None),
        ("ATOM+ NPU", "optimum-rbln", None),
        ("something", "own", None),
    ],
)
def test_devices_and_runtimes_mean_a_backend(device: str, runtime: str, backend: str | None) -> None:
    assert backend_of(row(device=device, runtime=runtime)) == backend


@pytest.mark.parametrize(
    ("quant", "bits"),
    [("F16", 16), ("bf16", 16), ("Q8_0", 8), ("mxfp8", 8), ("8bit", 8), ("UD-Q4_K_XL", 4), ("", 4)],
)
def test_formats_mean_a_width_of_weights(quant: str, bits: int) -> None:
    assert weight_bits(row(quant=quant)) == bits


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join([",".join(COLUMNS), *lines]) + "\n", encoding="utf-8")
    return path


def test_mixtures_of_experts_single_rows_and_rows_without_a_cost_are_left_out(tmp_path: Path) -> None:
    dense = "s,RTX 4090,llama.cpp,Qwen 27B,Q4_K,2,1.2,"
    path = write(
        tmp_path / "verify_width_more.csv",
        dense,
        "s,RTX 4090,llama.cpp,GLM (MoE),Q4_K,2,3.0,",
        "s,RTX 4090,llama.cpp,Qwen3-30B-A3B,Q4_K,2,3.0,",
        "s,RTX 4090,llama.cpp,Qwen 27B,Q4_K,1,1.0,",
        "s,RTX 4090,llama.cpp,Qwen 27B,Q4_K,>8,1.1,",
        "s,RTX 4090,llama.cpp,Qwen 27B,Q4_K,4,,",
    )
    (only,) = VerifyWidth().compare(path).comparisons
    assert isinstance(only, PredictedRow)
    assert ",".join(text for _, text in only.row) == dense


def test_a_file_without_a_usable_row_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "verify_width.csv", "s,Snapdragon CPU,own,dense,Q4,4,3.7,")
    with pytest.raises(AhasdError, match=r"verify_width\.csv: no row is of a dense model on a GPU"):
        VerifyWidth().compare(path)


def test_draft_steps_are_added_where_a_row_says_that_it_holds_them(tmp_path: Path) -> None:
    lines = ["s,RTX 4090,llama.cpp,d,Q4_K,3,1.4,", "s,RTX 4090,llama.cpp,d,Q4_K,3,1.4,round incl. drafts"]
    without, with_drafts = VerifyWidth().compare(write(tmp_path / "verify_width.csv", *lines)).comparisons
    assert with_drafts.predicted - without.predicted == pytest.approx(2 * DRAFT_STEP)


def test_a_width_cost_says_nothing_of_what_was_not_measured() -> None:
    assert WidthCost(0.0, 1).error is None
    assert width_cost("pytorch", 8).error is None
    assert width_cost("ideal-tensor-cores", 8).error is None
