"""Measured devices as files: what is written is read again, what cannot be is refused with its place."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ahasd.errors import AhasdError
from ahasd.hardware.measured.device_file import device_document, device_yaml, given_device, read_device
from ahasd.hardware.measured.measured_device import (
    Acceptance,
    MeasuredDevice,
    MeasuredModel,
    Source,
    Time,
)
from ahasd.yaml_text import parse_yaml

DEVICE = MeasuredDevice(
    device="RTX 3090",
    backend="llama.cpp-cuda",
    bandwidth_gb_s=605.1,
    slowdown=1.3,
    models=(
        MeasuredModel(
            name="Qwen2.5-14B Q4_K: 'medium'",
            weight_bytes=8988110272,
            times=(Time(width=8, context=64, ms=22.5), Time(width=1, context=64, ms=14.9)),
        ),
        MeasuredModel(name="draft", times=(Time(width=1, ms=3.25),)),
    ),
    acceptances=(Acceptance(target="t", draft="d", drafted=427, accepted=374, rounds=74),),
    sources=(Source(program="llama-bench", version="8cf427ff", file="a b.json"),),
)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "my.yaml"
    path.write_text(device_yaml(DEVICE), encoding="utf-8")
    found = read_device(path)
    assert device_document(found) == device_document(DEVICE)
    assert found.sources == DEVICE.sources
    assert found.acceptances == DEVICE.acceptances
    assert set(found.models[0].times) == set(DEVICE.models[0].times)


def test_the_document_is_json() -> None:
    assert given_device(json.loads(json.dumps(device_document(DEVICE))), "x").bandwidth_gb_s == 605.1


@given(
    st.dictionaries(
        st.tuples(st.integers(1, 10**6), st.integers(0, 10**6)), st.floats(1e-6, 1e6), min_size=1, max_size=5
    ),
    st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=12),
)
def test_any_table_survives_the_way_through_a_file(times: dict[tuple[int, int], float], name: str) -> None:
    model = MeasuredModel(
        name=name, times=tuple(Time(width=w, context=c, ms=ms) for (w, c), ms in times.items())
    )
    device = MeasuredDevice(device=name, models=(model,))
    found = given_device(parse_yaml(device_yaml(device), "x"), "x")
    assert (found.device, found.models[0].name) == (name, name)
    assert {(time.width, time.context): time.ms for time in found.models[0].times} == pytest.approx(
        times, rel=1e-5
    )


def test_times_of_a_model_know_where_the_kernels_of_the_backend_switch() -> None:
    model = MeasuredModel(name="m", times=(Time(width=1, ms=10), Time(width=16, ms=30)))
    device = MeasuredDevice(device="gpu", backend="llama.cpp-cuda", models=(model,))
    assert device.times(model).seconds(9, 0) == pytest.approx(30e-3)
    assert device.times(model).seconds(8, 0) < 20e-3
    unknown = MeasuredDevice(device="gpu", models=(model,))
    assert unknown.times(model).seconds(9, 0) == pytest.approx((10 + 8 / 15 * 20) * 1e-3)


def test_acceptance_is_a_share_and_a_mean_length() -> None:
    (found,) = DEVICE.acceptances
    assert found.share == 374 / 427
    assert found.mean_length == 427 / 74
    assert Acceptance(drafted=10, accepted=5, draft_length=4).mean_length == 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("npu: {}", "is not a measured device"),
        ("device: x", "nothing was measured"),
        ("device: x\nmodels: [{name: m, times: []}]", "models.0.times"),
        ("device: x\nmodels: [{name: m, times: [{width: 0, ms: 1}]}]", "models.0.times.0.width is 0"),
        ("device: x\nmodels: [{name: m, times: [{width: 1, ms: -1}]}]", "must be above 0"),
        ("device: x\nmodels: [{name: m, times: [{width: 1, ms: .nan}]}]", "ms"),
        ("device: x\nmodels: [{name: m, times: [{width: 1, seconds: 1}]}]", "unknown key"),
        (
            "device: x\nmodels: [{name: m, times: [{width: 1, ms: 1}, {width: 1, ms: 2}]}]",
            "two times for 1 rows",
        ),
        (
            "device: x\nmodels: [{name: m, times: [{width: 1, ms: 1}]}, {name: m, times: [{width: 2, ms: 1}]}]",
            "'m' is there twice",
        ),
        ("device: x\nbackend: abacus\nbandwidth_gb_s: 1", "backend"),
        ("device: x\nacceptances: [{drafted: 5, accepted: 6}]", "6 tokens were accepted of 5"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "my.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AhasdError, match=r"my\.yaml") as refusal:
        read_device(path)
    assert message in str(refusal.value)
