"""The study of control: shares of a gap, what signals tell, and parts on several processes."""

from dataclasses import replace
from math import exp, log

import pytest

from ahasd.experiments.carry_out import Running
from ahasd.experiments.executors.choose import Means
from ahasd.report.control_study import control_page
from ahasd.studies.control import signals as control_signals
from ahasd.studies.control import study as control_study
from ahasd.studies.control.cells import SpeedAndEnergy, Static, best_static, measure_static, measured_machine
from ahasd.studies.control.study import ControlCell, ControlStudy, MappingCell, study_control
from ahasd.studies.control.summaries import gain_factors, geometric_mean, summarize_traces
from ahasd.traces.rollout.synthetic import synthesize


def test_a_share_is_the_part_of_the_gap_that_is_closed() -> None:
    static, bound = SpeedAndEnergy(10.0, 1.0), SpeedAndEnergy(14.0, 1.0)
    cell = ControlCell(
        "p", "h", "t", Static(4, None, "oldest"), static, SpeedAndEnergy(11.0, 1.0), {"exact": bound}
    )
    assert cell.share("exact") == pytest.approx(0.25)
    assert cell.share("exact", SpeedAndEnergy(9.0, 1.0)) == pytest.approx(-0.25)
    assert cell.share("exact", bound) == pytest.approx(1.0)
    assert replace(cell, bounds={"exact": static}).share("exact") == 0.0


def test_room_is_the_better_of_both_devices_at_work_and_of_knowing_all() -> None:
    alone = {"npu-autoregressive": SpeedAndEnergy(2.0, 1.0), "pim-autoregressive": SpeedAndEnergy(8.0, 1.0)}
    known = SpeedAndEnergy(6.0, 1.0)
    cell = MappingCell("p", "h", 4, known, "", known, known, alone | {"ahasd": SpeedAndEnergy(4.0, 1.0)}, {})
    assert cell.room == pytest.approx(1.0)  # NPU 2 and three of four ranks 6 are what the PIM does alone
    assert replace(cell, ranks_per_channel=8).room == pytest.approx((2 + 7) / 8)
    assert replace(cell, clairvoyant=SpeedAndEnergy(12.0, 1.0)).room == pytest.approx(12 / 8)
    assert (
        replace(cell, fixed={"npu-autoregressive": SpeedAndEnergy(2.0, 1.0)}, ranks_per_channel=1).room == 3.0
    )


def test_a_mean_over_a_share_that_is_not_positive_is_none() -> None:
    assert geometric_mean([0.25, 1.0]) == pytest.approx(0.5)
    assert geometric_mean([0.5, 0.0]) == 0.0
    assert geometric_mean([0.5, -0.1]) == 0.0


def test_the_best_static_control_is_the_fastest_of_those_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ahasd.studies.control.cells.DRAFT_LENGTHS", (1, 4))
    monkeypatch.setattr("ahasd.studies.control.cells.LOOK_AHEADS", (4, None))
    machine, design = measured_machine(0.2, 64), synthesize(0.8, 0.5, positions=400)
    best = measure_static(machine, design, 2, best_static(machine, design, 2)).tokens_per_second
    for length in (1, 4):
        for ahead in (4, None):
            for verify in ("oldest", "coalesce"):
                other = measure_static(machine, design, 2, Static(length, ahead, verify))
                assert other.tokens_per_second <= best


def test_signals_tell_more_than_the_rate_and_less_than_the_truth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_signals, "VERDICTS", 1500)
    for name in ("tiny-plain-sampled", "tiny-plain-greedy"):
        cell = control_signals.signal_cell(name)
        assert cell.known < cell.learned < cell.rate
        assert cell.share == pytest.approx((cell.rate - cell.learned) / (cell.rate - cell.known))


def test_a_greedy_verdict_is_as_certain_as_an_estimate_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_signals, "VERDICTS", 200)
    assert control_signals.signal_cell("tiny-plain-greedy").known == pytest.approx(-log(0.98))
    assert exp(-control_signals.signal_cell("tiny-plain-sampled").known) < 0.98


def test_what_does_not_fit_is_named_below_the_table() -> None:
    figures = SpeedAndEnergy(2.0, 1.0)
    cell = MappingCell(
        "p", "h", 4, figures, "", figures, figures, {"npu": figures}, {"pim-only": "too large"}
    )

    def page(cell: MappingCell) -> str:
        return control_page(ControlStudy(8, 1, (), (), (cell,), ()))

    assert "|\n\n- p on h, without pim-only: too large\n\nThe gain" in page(cell)
    assert " |\n\nThe gain over `ahasd`" in page(replace(cell, refused={}))


def test_a_gain_is_what_control_brings_times_what_mapping_brings() -> None:
    slow, own, plus = (SpeedAndEnergy(speed, 1.0) for speed in (2.0, 3.0, 12.0))
    cell = MappingCell("p", "h", 4, plus, "", own, plus, {"npu": slow, "ahasd": slow}, {})
    (factors,) = gain_factors([cell])
    assert (factors.control, factors.mapping, factors.gain) == (1.5, 4.0, 6.0)
    assert cell.over_ahasd == 6.0
    without = replace(cell, fixed={"npu": slow})
    assert without.over_ahasd is None
    assert without.ratio == 6.0
    assert gain_factors([without]) == []


def test_a_trace_is_summed_up_by_geometric_means_and_the_least() -> None:
    def cell(goodput: float, trace: str = "t") -> ControlCell:
        bounds = {"informed": SpeedAndEnergy(3.0, 1.0), "exact": SpeedAndEnergy(5.0, 1.0)}
        bounds["clairvoyant"] = SpeedAndEnergy(9.0, 1.0)
        static = Static(4, None, "oldest")
        return ControlCell(
            "p", "h", trace, static, SpeedAndEnergy(1.0, 1.0), SpeedAndEnergy(goodput, 1.0), bounds
        )

    # Goodput 2 and 5 over static 1: shares 1/4 and 1 of the gap to 5, 1/8 and 1/2 of that to 9.
    other, found = summarize_traces([cell(1.0, "other"), cell(2.0), cell(5.0)])
    assert (found.trace, found.least_gain) == ("t", 2.0)
    assert found.gain == pytest.approx(10**0.5)
    assert (found.of_exact.mean, found.of_exact.least) == (pytest.approx(0.5), 0.25)
    assert (found.of_clairvoyant.mean, found.of_clairvoyant.least) == (pytest.approx(0.25), 0.125)
    assert found.informed_of_exact == pytest.approx(0.5)
    assert other.of_exact.mean == 0.0


def test_processes_do_not_change_what_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TRACES", "READINGS"):
        monkeypatch.setattr(control_study, name, ())
    monkeypatch.setattr(control_study, "SWEEPS", {})
    monkeypatch.setattr(control_study, "EDC_SWEEPS", {"history": (4, 8)})
    monkeypatch.setattr(control_study, "LOOK_AHEAD_SWEEP", (8,))
    told: list[tuple[int, int]] = []
    alone = study_control(24, 1, running=Running(progress=lambda done, total: told.append((done, total))))
    assert told == sorted(told)
    assert (told[0], told[-1]) == ((0, 3), (3, 3))
    assert [point.parameter for point in alone.sweeps] == ["history", "history", "look_ahead_limit"]
    assert study_control(24, 1, running=Running(means=Means(2))) == alone
