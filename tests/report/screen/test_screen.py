"""The first screen: what it says, and that it fits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ahasd.family.result import DeviceShares
from ahasd.report.fitted import fitted
from ahasd.report.pictures.columns import Columns
from ahasd.report.pictures.runs.tasks import TASK_NAMES
from ahasd.report.screen.device_bars import device_bars
from ahasd.report.screen.lines import Terminal, plain
from ahasd.report.screen.spark import means, sparkline
from ahasd.report.table import Table, left, right

TABLE = Table(
    (*left("way"), *right("tokens/s", "J/token", "of best")),
    [("npu+pim-autoregressive", "8.401", "0.372", "100%"), ("ahasd", "5.605", "0.524", "67%")],
)


@pytest.mark.parametrize("width", [32, 40, 45, 60, 200])
def test_a_table_fits_and_says_what_went(width: int) -> None:
    lines = fitted(TABLE, width).splitlines()
    assert all(len(line) <= width for line in lines)
    text = " ".join(lines)
    assert "tokens/s" in text
    for title in ("J/token", "of best"):
        assert title in text  # in the head, or among what was left out
    # At 40 names are wrapped instead.
    assert ("Left out" in text) == (width == 32)
    assert "100%" in text or width == 32


def test_in_a_pipe_a_table_keeps_its_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ahasd.report.fitted.known_width", lambda: None)
    assert fitted(TABLE) == TABLE.terminal()
    monkeypatch.setattr("ahasd.report.fitted.known_width", lambda: 40)
    assert fitted(TABLE) == fitted(TABLE, 40)


def test_a_sparkline_is_as_high_as_its_values() -> None:
    assert sparkline([0, 1, 2, 4], True) == "▁▃▅█"
    assert sparkline([0, 0], True) == "▁▁"
    assert sparkline([0.5], True, top=1.0) == "▅"
    assert sparkline([0, 4], False) == "_#"


@given(st.lists(st.floats(0, 1), min_size=1, max_size=200), st.integers(1, 40))
def test_means_of_parts_keep_the_range_and_take_no_more_room(values: list[float], parts: int) -> None:
    found = means(values, parts)
    assert len(found) == min(len(values), parts)
    assert min(values) - 1e-12 <= min(found)
    assert max(found) <= max(values) + 1e-12


TASKS = Columns.of(
    TASK_NAMES,
    [
        ("npu", "verify", "used", 0.0, 5.0, 0.0, 0.0),
        ("pim", "draft", "accepted", 0.0, 2.5, 0.0, 0.0),
        ("pim", "draft", "flushed", 2.5, 10.0, 0.0, 0.0),
    ],
)
SHARES = {
    "npu": DeviceShares(busy=0.5, idle=0.5, blocked=0.0),
    "pim": DeviceShares(busy=1.0, idle=0.0, blocked=0.0),
}


def test_a_line_for_each_device_shows_what_was_of_use() -> None:
    npu, pim, *legend = map(plain, device_bars(TASKS, SHARES, 10.0, Terminal(30, True)))
    assert npu == "npu ██████████··········  50%"
    assert pim == "pim █████▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒ 100%"
    assert " ".join(legend) == "█ of use, ▒ in vain, · waits; 10 s."


def test_without_blocks_the_line_is_ascii_and_without_room_there_is_none() -> None:
    lines = [plain(line) for line in device_bars(TASKS, SHARES, 10.0, Terminal(30, False))]
    assert all(line.isascii() for line in lines)
    assert lines[1].startswith("pim #####xxx")
    assert device_bars(TASKS, SHARES, 10.0, Terminal(15, True)) == []
    assert device_bars(Columns(TASK_NAMES), SHARES, 10.0, Terminal(80, True)) == []
