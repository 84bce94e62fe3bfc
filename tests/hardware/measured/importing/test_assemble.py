"""Files put together: names, medians, units."""

from pathlib import Path

import pytest

from ahasd.errors import AhasdError
from ahasd.hardware.measured.device_file import device_yaml
from ahasd.hardware.measured.importing.assemble import Assembled, assemble
from ahasd.hardware.measured.importing.reading import ModelName, Reading, TimeReading
from ahasd.hardware.measured.importing.recognise import read_measurements
from ahasd.hardware.measured.measured_device import Source
from ahasd.hardware.measured.missing import missing


def reading(*times: tuple[int, float], name: str = "m", weight_bytes: float | None = None) -> Reading:
    return Reading(
        Source(program="p", file="f"),
        tuple(TimeReading(ModelName(name, weight_bytes), width, 64, ms, 7) for width, ms in times),
        device="d",
    )


def assembled(*readings: Reading) -> Assembled:
    return assemble(readings)


def test_a_pass_measured_several_times_counts_as_the_median_and_its_spread_is_said() -> None:
    found = assembled(reading((1, 10.0), (1, 10.2)), reading((1, 13.0), (2, 14.0)))
    assert [(time.width, time.ms) for time in found.device.models[0].times] == [(1, 10.2), (2, 14.0)]
    assert "10 to 13 ms" in found.remarks[0]


def test_models_of_one_name_and_several_sizes_are_several() -> None:
    found = assembled(reading((1, 10.0), weight_bytes=1e9), reading((1, 20.0), weight_bytes=2e9)).device
    assert [(model.weight_bytes, model.times[0].ms) for model in found.models] == [(1e9, 10.0), (2e9, 20.0)]
    one = assembled(reading((1, 10.0)), reading((2, 20.0), weight_bytes=2e9)).device
    assert [model.widths for model in one.models] == [(1, 2)]


@pytest.mark.parametrize(
    ("times", "message"),
    [
        (((1, 10.0), (8, 0.015)), "seconds among milliseconds"),
        (((1, 0.010), (8, 15.0)), "seconds among milliseconds"),
        (((1, 100.0), (4, 50.0)), "tokens per second"),
    ],
)
def test_units_that_are_mixed_up_are_refused(times: tuple[tuple[int, float], ...], message: str) -> None:
    with pytest.raises(AhasdError, match="f, line 7: ") as refusal:
        assembled(reading(*times))
    assert message in str(refusal.value)


def test_a_wider_pass_may_be_a_little_faster() -> None:
    assert assembled(reading((8, 30.0), (9, 22.0))).device.models[0].widths == (8, 9)


def test_what_no_file_names_is_asked_for() -> None:
    with pytest.raises(AhasdError, match="give --model NAME"):
        assembled(reading((1, 10.0), name=""))
    nameless = Reading(
        Source(program="p"), (TimeReading(ModelName("", role="draft"), 1, 0, 1.0),), device="d"
    )
    with pytest.raises(AhasdError, match="give --draft NAME"):
        assembled(nameless)
    with pytest.raises(AhasdError, match="give --device NAME"):
        assembled(Reading(Source(program="p"), bandwidth_gb_s=10.0))
    assert assemble([reading((1, 10.0), name="")], name="x", target="t").device.models[0].name == "t"


def test_files_of_several_backends_are_refused() -> None:
    with pytest.raises(AhasdError, match="different backends"):
        assembled(
            Reading(Source(program="p"), device="d", backend="mlx"),
            Reading(Source(program="p"), device="d", backend="pytorch"),
        )


def test_what_was_written_can_be_added_to(tmp_path: Path) -> None:
    (tmp_path / "my.yaml").write_text(device_yaml(assembled(reading((1, 10.0))).device), encoding="utf-8")
    found = assembled(read_measurements(tmp_path / "my.yaml"), reading((2, 12.0))).device
    assert [(time.width, time.ms) for time in found.models[0].times] == [(1, 10.0), (2, 12.0)]
    assert [source.program for source in found.sources] == ["p"]


def test_what_is_missing_is_said_with_a_command() -> None:
    lacks = missing(assembled(reading((2, 10.0))).device)
    said = " ".join(lacks)
    for lack in ("at several widths", "m was not measured at 1 row", "No draft", "accepted"):
        assert lack in said
    assert "llama-bench -m m.gguf -p 1,2,3" in said
