"""``ahasd report``, and the first screens."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Succeeds = Callable[..., str]


def test_a_run_becomes_a_page_with_images(succeeds: Succeeds, short: list[str], tmp_path: Path) -> None:
    succeeds("run", *short, "--output", "mine")
    said = succeeds("report", "mine", "--output", "page/report.html", "--images", "images", "--window", "0:1")
    result = json.loads((tmp_path / "mine" / "results.json").read_text())
    assert said == f"{result['verdict']['sentence']}\n"
    assert result["verdict"]["sentence"] in (tmp_path / "page" / "report.html").read_text()
    assert (tmp_path / "images" / "timeline.svg").is_file()
    (shown,) = json.loads(succeeds("report", "mine", "--json", "--window", "0.25:0.5"))
    tasks = shown["figures"]["timeline"]
    assert min(tasks["start_s"]) >= 0.25
    assert max(tasks["end_s"]) <= 0.5


def test_comparison_ablation_order_and_plan_become_pages(
    succeeds: Succeeds, short: list[str], tmp_path: Path
) -> None:
    succeeds("compare", *short, "--systems", "npu,ahasd", "--seeds", 2, "--output", "c")
    succeeds("ablation", *short, "--seeds", 2, "--output", "a")
    succeeds("order", "--network", "darts", "--output", "order.json")
    (tmp_path / "plan.json").write_text(succeeds("private", "plan", "glyph", "--json"))
    shown = json.loads(succeeds("report", "c", "a", "order.json", "plan.json", "--json"))
    figures = {section["name"]: set(section["figures"]) for section in shown}
    assert figures["c"] == {"tokens-per-second", "joules-per-token", "speedup-over-best-alone"}
    assert figures["a"] == {"ablation-tokens-per-second", "ablation-joules-per-token"}
    assert "live-bytes" in figures["order"] | figures.get(tmp_path.name, set())
    assert any("bytes-per-layer" in names for names in figures.values())
    ranking = json.loads((tmp_path / "c" / "ranking.json").read_text())
    speeds = shown[0]["figures"]["tokens-per-second"]["mean"]
    assert speeds == [cell["tokens_per_second"]["mean"] for cell in ranking["targets"][0]["ranking"]]


def test_a_comparison_of_another_family_becomes_a_page(succeeds: Succeeds, tmp_path: Path) -> None:
    trace = ("--trace", "synthetic-speech:tokens=6,clips=2")
    succeeds("compare", "--system", "whisper,specasr", "--seeds", 2, *trace, "--output", "c")
    ranking = json.loads((tmp_path / "c" / "ranking.json").read_text())
    (shown,) = json.loads(succeeds("report", "c", "--json"))
    assert shown["sentence"] == ranking["sentences"][0]
    speeds = shown["figures"]["figure-1"]
    assert speeds["run"] == [run["system"] for run in ranking["ranking"]]
    assert speeds["value"] == [run["work_per_second"] for run in ranking["ranking"]]
    summary = (tmp_path / "c" / "summary.md").read_text()
    assert summary.startswith("# Comparison\n")
    assert summary.count("these two may agree more, or less") == 1  # not once for each seed
    (tmp_path / "c" / "ranking.json").write_text(json.dumps(ranking | {"ranking": [{"system": 1}]}))
    assert "did not write" in failed(tmp_path / "c")


def failed(folder: Path) -> str:
    from ahasd.errors import AhasdError
    from ahasd.report.page.results import read_results

    with pytest.raises(AhasdError) as refused:
        read_results([folder])[0].show()
    return str(refused.value)


@pytest.mark.parametrize("window", ["1", "2:1", "a:b", "-1:2", "0:inf", "1:1"])
def test_a_window_that_is_none_is_refused(refused: Callable[..., str], window: str) -> None:
    assert "expected START:END" in refused("report", "x", f"--window={window}")


def test_what_cannot_be_is_refused(
    refused: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    assert "holds no results" in refused("report", "empty")
    assert "ends in .html" in refused("report", "empty", "--output", "page.pdf")
    assert "unknown --format 'xml'" in refused("report", "empty", "--images", "i", "--format", "xml")
    assert "give a folder" in refused("report", "empty", "--format", "parquet")
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    assert "pip install 'ahasd[report]'" in refused("report", "empty")


def on_terminal(folder: Path, columns: int, *arguments: str, **changes: str) -> str:
    """What a command prints on a terminal of so many columns."""
    leader, follower = pty.openpty()
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM", "CI")}
    environment = kept | {
        "COLUMNS": str(columns),
        "TERM": "xterm-256color",
        "PYTHONIOENCODING": "utf-8",
        **changes,
    }
    with subprocess.Popen(
        [sys.executable, "-m", "ahasd", *arguments],
        cwd=folder,
        env=environment,
        stdout=follower,
        stderr=subprocess.DEVNULL,
    ) as running:
        os.close(follower)
        parts = []
        try:
            while part := os.read(leader, 4096):
                parts.append(part)
        except OSError:  # the other side has closed
            pass
        assert running.wait() == 0
    os.close(leader)
    return b"".join(parts).decode().replace("\r\n", "\n")


@pytest.mark.slow
def test_a_narrow_terminal_gets_lines_that_fit_and_colours_unless_none_are_wanted(
    short: list[str], tmp_path: Path
) -> None:
    coloured = on_terminal(tmp_path, 40, "run", *short)
    assert "\x1b[34m" in coloured
    plain = on_terminal(tmp_path, 40, "run", *short, NO_COLOR="1")
    assert "\x1b" not in plain
    assert plain.startswith("Best here: the target alone on the NPU\n")
    assert all(len(line) <= 40 for line in plain.splitlines() if " " in line.strip())
    assert any(line.startswith("pim █") for line in plain.splitlines())
    assert "--details" in plain
    assert "--details" not in on_terminal(tmp_path, 40, "--quiet", "run", *short, NO_COLOR="1")


def test_a_result_shows_itself_in_a_notebook() -> None:
    import ahasd

    result = ahasd.simulate(tokens=16, trace="synthetic:acceptance=0.8,auc=0.7,positions=400")
    text = result._repr_html_()
    assert result.verdict.sentence in text
    assert "<table>" in text
    assert "<svg" in text
    row = result.to_frame().iloc[0]
    assert row["tokens_per_second"] == result.tokens_per_second
    assert row["speculation.drafted"] == result.speculation.drafted
    assert not [name for name in row.index if name.startswith("reproduce")]
