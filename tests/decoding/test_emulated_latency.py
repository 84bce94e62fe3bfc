"""Emulated latencies as a user writes them."""

import pytest

from ahasd.decoding.models.emulated_latency import EmulatedLatency, parse_latency
from ahasd.errors import AhasdError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("draft=10ms,target=66ms", EmulatedLatency(0.01, 0.066)),
        (" target = 0.5s ", EmulatedLatency(0.0, 0.5)),
        ("draft=250us", EmulatedLatency(250e-6, 0.0)),
        ("draft=0ms", EmulatedLatency()),
    ],
)
def test_times_with_units_are_read(text: str, expected: EmulatedLatency) -> None:
    found = parse_latency(text)
    assert (found.draft_s, found.target_s) == pytest.approx((expected.draft_s, expected.target_s))
    assert bool(found) == bool(expected)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "10ms",
        "drft=10ms",
        "draft=10",
        "draft=ms",
        "draft=-1ms",
        "draft=nans",
        "draft=1ms,draft=2ms",
        "target=90s",
    ],
)
def test_what_is_no_latency_is_refused(text: str) -> None:
    with pytest.raises(AhasdError, match="emulated latency"):
        parse_latency(text)


def test_it_is_written_as_it_is_read() -> None:
    assert str(EmulatedLatency(0.01, 0.0665)) == "draft=10ms,target=66.5ms"
    assert str(EmulatedLatency(target_s=0.005)) == "target=5ms"
