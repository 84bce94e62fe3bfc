"""The first screen of every command that ends in an answer: a sentence first, on a terminal of 40 columns, too."""

import json
import re
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from .conftest import Command

COLUMNS = 40

#: Where each command begins when the machine is told nothing.
TRACE = ("--trace", "synthetic:acceptance=0.8,auc=0.7,positions=400")
SHORT = (*TRACE, "--tokens", "16")
SWEEP = (
    *SHORT,
    *("--pair", "tiny-draft:tiny-target", "--fidelity", "first-order", "--algorithm", "fixed:2"),
)
SPACE = """
run: {pair: "tiny-draft:tiny-target", tokens: 8, fidelity: first-order, algorithm: "fixed:2", hardware: module-mac,
      trace: "synthetic:acceptance=0.8,auc=0.7,positions=400"}
space: {system: [npu, ahasd], npu.chips: [1, 2]}
"""
REFERENCE = Path(__file__).parent.parent / "reference"
GRAPH = REFERENCE / "graphs" / "darts-nnrnn.json"

#: A cheap call of every command that ends in an answer. Where `--json` is not among its options it stands in WITHOUT.
ANSWERS: dict[str, Sequence[str]] = {
    "run": ("run", *SHORT),
    "run with details": ("run", *SHORT, "--details", "--energy-range"),
    "run with operators": ("run", *SHORT, "--system", "npu", "--breakdown"),
    "run of trees": ("run", "--system", "tree-table", "--tokens", "16"),
    "run of experts": (
        *("run", "--system", "experts-lru", "--cached", "0.5", "--routing"),
        "synthetic-routing:experts=8,top=2,layers=4,tokens=48,prompts=2,prefix=8",
    ),
    "run of sparse attention": ("run", "--system", "h2eal", "--context", "4k", "--tokens", "2"),
    "run of speech": ("run", "--system", "specasr", "--trace", "synthetic-speech:tokens=6,clips=2"),
    "compare": ("compare", "--system", "npu,ahasd", "--seeds", "2", *SHORT),
    "compare, another family": (
        *("compare", "--system", "whisper,specasr", "--seeds", "2"),
        *("--trace", "synthetic-speech:tokens=6,clips=2"),
    ),
    "ablation": ("ablation", "--seeds", "2", *SHORT),
    "plan": ("plan", "--device", "RTX 3090", "--target", "Qwen2.5-14B", "--draft", "Qwen2.5-0.5B"),
    "moe plan": ("moe", "plan", "gpt-oss-120b", "--machine", "RTX 3090", "--host", "i9-14900K"),
    "moe replay": (
        *("moe", "replay", "synthetic-routing:experts=8,top=2,layers=4,tokens=48,prompts=2,prefix=8"),
        *("--policy", "lru,belady", "--slots", "2,4"),
    ),
    "order": ("order", str(GRAPH)),
    "order, compared": ("order", str(GRAPH), "--compare", "--details"),
    "private plan": ("private", "plan", "glyph", "--widths", "w4a4", "--link", "wan"),
    "private optimise": ("private", "optimise", "glyph"),
    "attention plan": ("attention", "plan", "llama-3.1-8b", "--context", "8k"),
    "sweep show": ("sweep", "show", "s.sqlite"),
    "sweep status": ("sweep", "status", "s.sqlite"),
    "search": ("search", "space.yaml", "--budget", "4", "--method", "exhaustive"),
    "claims": ("claims", "--only", "ahasd-switching", "--tokens", "16", "--seeds", "1"),
    "validate": ("validate", "reference"),
    "hardware": ("hardware", "list", "phones"),
    "list": ("list", "systems"),
    "trace info": ("trace", "info", TRACE[1]),
    "trace info, trees": ("trace", "info", "synthetic-tree:heads=medusa-7b"),
    "trace info, routing": (
        "trace",
        "info",
        "synthetic-routing:experts=8,top=2,layers=4,tokens=48,prompts=2",
    ),
    "trace info, speech": ("trace", "info", "synthetic-speech:tokens=6,clips=2"),
}

#: Those whose options have no `--json`.
WITHOUT = {"trace info", "trace info, trees", "trace info, routing", "trace info, speech"}

#: Those whose data holds times of this machine.
TIMED = {"order", "order, compared"}

#: Commands that are not called here, and why.
OTHERS = {
    "models, and minutes": {
        *(
            "attention calibrate",
            "attention run",
            "bench stats",
            "generate",
            "moe gate",
            "moe run",
            "predict",
        ),
        *("probe", "transcribe"),
    },
    "many runs or two processes": {
        "sensitivity",
        "private run",
        "study control",
        "study phone",
        "study specpim",
    },
    "synthesis": {"cost", "rtl emit", "rtl synth"},
    "what they make are files": {
        *(
            "explore",
            "hardware import",
            "hardware show",
            "report",
            "sweep export",
            "sweep run",
            "trace import",
        ),
        *("trace record", "trace record-routing", "trace record-speech", "trace synth"),
    },
}

#: What is copied, and therefore not broken: a command on its line, perhaps behind what it does.
COPIED = re.compile(r"\s*([A-Z][^:]*: )?(ahasd|llama-[a-z-]+) ")


@pytest.fixture
def files(ahasd: Command, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """What some of the calls read."""
    name = request.getfixturevalue("name")
    if name.startswith("sweep"):
        grid = ("--grid", "system=npu,ahasd", "--grid", "npu.chips=1,2,0")
        assert ahasd("sweep", "run", *SWEEP, *grid, "--output", "s.sqlite").code == 0
    (tmp_path / "space.yaml").write_text(SPACE, encoding="utf-8")
    (tmp_path / "reference").mkdir()
    for one in ("pimsimulator_host.csv", "scalesim_gemm.csv"):
        (tmp_path / "reference" / one).write_bytes((REFERENCE / one).read_bytes())


def columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(mark) in "WF" else 1 for mark in line)


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.usefixtures("files")
def test_an_answer_fits_a_narrow_terminal_and_begins_with_a_sentence(
    name: str, ahasd: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(COLUMNS))
    found = ahasd("--quiet", *ANSWERS[name])
    assert (found.code, found.err) == (0, "")
    too_long = [line for line in found.out.splitlines() if columns(line) > COLUMNS and not COPIED.match(line)]
    assert too_long == []
    assert "\x1b" not in found.out
    first = " ".join(found.out.partition("\n\n")[0].split())
    if name != "list":  # which lists
        assert re.match(r"[A-Z0-9a-z]", first)
        assert re.search(r"\S[.:]( |$)", first)


@pytest.mark.parametrize("name", [name for name in ANSWERS if name not in WITHOUT])
@pytest.mark.usefixtures("files")
def test_the_same_as_data_is_whole_however_narrow_the_terminal(
    name: str, ahasd: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(COLUMNS))
    narrow = ahasd("--quiet", *ANSWERS[name], "--json")
    assert (narrow.code, narrow.err) == (0, "")
    assert json.loads(narrow.out)
    if name in TIMED:
        return
    monkeypatch.delenv("COLUMNS")
    assert ahasd("--quiet", *ANSWERS[name], "--json").out == narrow.out


def test_a_pipe_keeps_every_column(succeeds: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    whole = succeeds("compare", "--system", "npu,ahasd", "--seeds", "2", *SHORT)
    assert "/ alone" in whole
    assert "Left out" not in whole
    monkeypatch.setenv("COLUMNS", str(COLUMNS))
    narrow = succeeds("compare", "--system", "npu,ahasd", "--seeds", "2", *SHORT)
    assert "Left out, as the terminal is narrow" in narrow


def test_every_command_is_called_here_or_among_the_others() -> None:
    from ahasd.cli.app import app

    there = {str(command.name) for command in app.registered_commands}
    for group in app.registered_groups:
        assert group.typer_instance is not None
        there |= {f"{group.name} {command.name}" for command in group.typer_instance.registered_commands}
    called = {name for name in there for words in ANSWERS.values() if " ".join(words).startswith(f"{name} ")}
    assert called | {name for names in OTHERS.values() for name in names} == there
