"""Breakdown, table and verdict of runs on GPUs."""

from ahasd.experiments.compare import compare
from ahasd.experiments.selection import Selection
from ahasd.report.comparison.cell_text import refusal_lines
from ahasd.report.comparison.runs_csv import runs_csv
from ahasd.report.comparison.standings import standings_table
from ahasd.report.run.breakdown import breakdown_text
from ahasd.speculation.configuration import RunConfiguration, resolve
from ahasd.speculation.run import SpeculationRun

BASE = RunConfiguration(
    pair="tiny-draft:tiny-target", trace="synthetic:acceptance=0.8,auc=0.5,positions=400", tokens=30
)


def test_a_breakdown_of_two_gpus_has_no_shared_memory() -> None:
    run = SpeculationRun(resolve(BASE.model_copy(update={"system": "amusd", "algorithm": "fixed:1"})))
    text = breakdown_text(run.placed, run.outcome)
    assert "target in the memory of the GPU; draft in the memory of the second GPU" in text
    assert "While a verification" not in text
    assert "tiny-target on gpu," in text
    assert "tiny-draft on gpu2," in text


def test_the_verdict_names_the_gpu() -> None:
    run = SpeculationRun(resolve(BASE.model_copy(update={"system": "gpu", "algorithm": "fixed:2"})))
    assert "the target alone on the GPU" in run.result(search_break_even=False).verdict.sentence


def test_systems_of_both_kinds_stand_in_one_comparison() -> None:
    cells = compare(
        BASE,
        Selection(
            (BASE.pair,),
            (BASE.algorithm,),
            ["npu", "gpu", "amusd"],
            ["module-mac", "two-a100-40gb"],
            everywhere=True,
        ),
        [0],
    )
    table = standings_table(cells, "two-a100-40gb")
    assert [column.title for column in table.columns][-2:] == ["NPU/GPU", "PIM/GPU2"]
    of = {row[0]: row for row in table.rows}
    assert of["npu"][1] == "cannot run"
    assert of["gpu"][-2:] == ["100%", ""]
    assert of["amusd"][-1].endswith("%")
    reasons = " ".join(refusal_lines(cells))
    assert "gpu on module-mac cannot run: hardware 'module-mac' has no GPU" in reasons
    lines = runs_csv(cells).splitlines()
    assert "npu_busy,pim_busy,gpu_busy,gpu2_busy,speedup,refused" in lines[0]
    assert len({line.count(",") for line in lines if "cannot" not in line and "has no" not in line}) == 1
