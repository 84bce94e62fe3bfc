"""A prediction in a terminal: what is shown, what shares a row, what is left out."""

from dataclasses import replace

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from ahasd.decoding.models.emulated_latency import EmulatedLatency
from ahasd.intervals import Interval
from ahasd.prediction.break_even import BreakEven
from ahasd.prediction.measured_runtime import MeasuredRuntime
from ahasd.prediction.measurement import PredictionBasis
from ahasd.prediction.predict import Forecast, Prediction
from ahasd.prediction.step_times import StepTimes
from ahasd.prediction.trees.tree_forecast import TreeForecast
from ahasd.report.prediction import ROWS, next_command, prediction_text
from ahasd.report.prediction_answer import verdict
from ahasd.traces.rollout.synthetic import synthesize


def forecast(algorithm: str, seconds: float) -> Forecast:
    method = "speculative" if algorithm else "autoregressive"
    acceptance = Interval(0.7, None) if algorithm else None
    return Forecast(method, algorithm, 100, seconds, Interval(2.0, 0.1), acceptance, 2.5, 80, 60)


def prediction(*forecasts: Forecast) -> Prediction:
    runtime = MeasuredRuntime(StepTimes({1: 0.01}, {1: 0.05, 9: 0.06}, 0.0, 0.001, 64))
    basis = PredictionBasis(synthesize(0.8, 0.7, positions=40), runtime, ("cpu", "cpu"))
    break_even = BreakEven(None, always=False)
    return Prediction("d -> t", ("cpu", "cpu"), basis, EmulatedLatency(), forecasts, break_even, 1, 1)


def test_the_fastest_and_the_target_alone_are_shown_and_the_others_counted() -> None:
    many = [forecast(f"fixed:{length}", float(length)) for length in range(1, 20)]
    lines = prediction_text(prediction(*many, forecast("", 30.0))).splitlines()
    assert sum(line.startswith("speculative     fixed") for line in lines) == ROWS
    assert sum(line.startswith("autoregressive ") for line in lines) == 1
    assert f"({19 - ROWS} slower ones are in --json)" in lines
    assert max(map(len, lines)) <= 100


def test_nothing_is_said_to_be_left_out_where_the_target_alone_is_the_last() -> None:
    many = [forecast(f"fixed:{length}", float(length)) for length in range(1, ROWS + 1)]
    assert "slower ones" not in prediction_text(prediction(*many, forecast("", 30.0)))


def test_forecasts_that_come_out_alike_share_a_row() -> None:
    alike = [forecast(f"fixed:{length}", 2.0) for length in range(1, 9)]
    found = prediction(*alike, forecast("svip", 3.0), forecast("", 30.0))
    assert [len(group) for group in found.alike] == [8, 1, 1]
    text = prediction_text(found)
    assert "  fixed:1, fixed:2 + 6 alike  " in text
    assert text.count("svip") == 1


def test_the_tree_that_comes_first_is_the_one_to_measure() -> None:
    tree = TreeForecast("one-layer", "best-first:3", Interval(2.5, 0.1), 1.6, 3.0)
    found = replace(prediction(forecast("fixed:2", 1.0), forecast("", 2.0)), trees=(tree,))
    assert next_command(found) == "ahasd bench --methods autoregressive,tree --tree best-first:3"
    assert "Of all, the tree comes first here." in " ".join(prediction_text(found).split())


def test_the_sentence_has_the_form_of_a_plans() -> None:
    """2.5 tokens a pass and 80 drafts in 40 passes: a pass of 3, a quarter of the way from 1 to 9 by time."""
    found = verdict(prediction(forecast("fixed:2", 1.0), forecast("", 2.0)))
    assert found == (
        "Do it: 2.00x (1.90 to 2.10) by speculative with fixed:2. Alone it writes 50 tokens/s; "
        "a pass of 3 costs 1.05 steps here and drafting 0.40. No acceptance rate makes it pay; 0.70 is measured."
    )


def test_fixed_draft_lengths_are_drawn_and_others_are_not() -> None:
    many = [forecast(f"fixed:{length}", float(length)) for length in (4, 2, 1)]
    lines = prediction_text(prediction(*many, forecast("svip", 5.0), forecast("", 30.0))).splitlines()
    start = lines.index("Speed-up of speculative by draft length:")
    assert [line.split()[0] for line in lines[start + 1 : start + 4]] == ["1", "2", "4"]
    assert "by draft length" not in prediction_text(prediction(many[0], forecast("", 30.0)))
