"""Names and texts that someone else wrote are shown, never obeyed: not by a terminal, nor by a page's layout."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from ahasd.errors import AhasdError
from ahasd.hardware.preset.preset import load_preset
from ahasd.plain_text import json_safe, one_line, printable
from ahasd.report.table import Table, left
from ahasd.traces.files import save
from ahasd.traces.rollout.synthetic import synthesize

#: Clears the screen, in both forms; turns the order of letters around; forges a line; is markup of rich.
HOSTILE = "\x1b[2J\x9b2J\u202edraft\u2028\nahasd pays: 9.9 times\r| a | b |[/x][bold]"

Succeeds = Callable[..., str]


def assert_tame(text: str, of_lines: bool = True) -> None:
    assert not set(text) & set("\x1b\x9b\u202e\u2028\r")
    assert not of_lines or not any(line.lstrip().startswith("ahasd pays") for line in text.splitlines())


def test_escapes_show_what_was_there() -> None:
    assert printable("a\tb\n\x1b[2J") == "a\tb\n\\x1b[2J"
    assert one_line("a\tb\n\x1b[2J") == "a\\tb\\n\\x1b[2J"
    assert printable("\udcff\u202e") == "\\udcff\\u202e"
    assert json.loads(json_safe(json.dumps(HOSTILE, ensure_ascii=False))) == HOSTILE
    ordinary = "µ ± → 中文 é 👩‍🔬"
    assert (printable(ordinary), one_line(ordinary), json_safe(ordinary)) == (ordinary,) * 3


@pytest.fixture
def hostile_trace(tmp_path: Path) -> Path:
    made = synthesize(acceptance=0.8, auc=0.7, positions=400, steps=16, prompts=4, seed=0)
    header = replace(
        made.header, draft=HOSTILE, target=HOSTILE, prompts=HOSTILE, notes=HOSTILE, tool_version=HOSTILE
    )
    save(replace(made, header=header), tmp_path / "hostile.safetensors")
    return tmp_path / "hostile.safetensors"


@pytest.fixture
def hostile_hardware(tmp_path: Path) -> Path:
    document = load_preset("module-mac").to_document() | {"name": HOSTILE}
    document["npu"]["clock_ghz"]["source"] = HOSTILE
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(document))
    return tmp_path / "mine.yaml"


def test_every_command_and_file_escapes(
    succeeds: Succeeds, tmp_path: Path, hostile_trace: Path, hostile_hardware: Path
) -> None:
    common = ("--trace", hostile_trace, "--hardware", hostile_hardware, "--tokens", 16)
    printed = [
        succeeds("trace", "info", hostile_trace),
        succeeds("hardware", "show", hostile_hardware),
        succeeds("run", *common, "--breakdown", "--energy-range", "--output", "run"),
        succeeds("run", *common, "--json"),
        succeeds("compare", *common, "--systems", "npu,ahasd,gpu", "--seeds", 1, "--output", "compare"),
        succeeds("ablation", *common, "--seeds", 1, "--output", "ablation"),
    ]
    for text in printed:
        assert_tame(text)
    written = list(tmp_path.glob("*/*.*"))
    assert len(written) == 11
    for path in written:
        # A cell of CSV is quoted and may have lines.
        assert_tame(path.read_text(encoding="utf-8"), of_lines=path.suffix != ".csv")
    assert json.loads((tmp_path / "run" / "results.json").read_text())["hardware"] == HOSTILE


def test_errors_escape(refused: Callable[..., str], tmp_path: Path) -> None:
    for arguments in (
        ("run", "--system", HOSTILE),
        ("run", "--pair", f"{HOSTILE}:{HOSTILE}"),
        ("run", "--trace", HOSTILE),
        ("run", "--hardware", f"{HOSTILE}.yaml"),
        ("run", "--set", f"{HOSTILE}=1"),
        ("trace", "info", f"./{HOSTILE}"),
        ("generate", "--prompt", "x", "--target", HOSTILE),
    ):
        assert not set(refused(*arguments)) & set("\x1b\x9b\u202e\u2028\r")


def test_a_name_with_markup_of_rich_loses_nothing(succeeds: Succeeds, tmp_path: Path) -> None:
    (tmp_path / "[").mkdir()
    for name in ("[bold]a", "[/x]"):
        assert f"wrote {name}" in succeeds("trace", "synth", "--positions", 400, "--output", name)


def test_a_bar_never_ends_a_cell_of_markdown() -> None:
    for text in ("a|b", "a\\|b", "a\\\\|b", "|", "\\"):
        row = Table(left("x", "y"), [(text, "z")]).markdown().splitlines()[-1]
        cells, escaped = [""], False
        for character in row.strip()[1:-1]:
            if character == "|" and not escaped:
                cells.append("")
            else:
                cells[-1] += character
            escaped = character == "\\" and not escaped
        assert len(cells) == 2, row


def test_a_newline_in_a_header_forges_no_line_of_the_metrics(
    succeeds: Succeeds, tmp_path: Path, hostile_trace: Path
) -> None:
    succeeds("run", "--trace", hostile_trace, "--tokens", 16, "--output", "run")
    metrics = (tmp_path / "run" / "metrics.txt").read_text(encoding="utf-8")
    assert "\\nahasd pays: 9.9 times" in metrics
    assert_tame(metrics)


def test_errors_of_ours_stay_errors_with_any_text() -> None:
    assert one_line(str(AhasdError(HOSTILE))).isprintable()
