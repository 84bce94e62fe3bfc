"""``ahasd study``."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ahasd.studies.control import cells as control_cells
from ahasd.studies.control import study as control_study
from ahasd.studies.phone import study as phone_study
from ahasd.studies.phone.mapping import maps

Succeeds = Callable[..., str]
Refused = Callable[..., str]
PHONE = Path(__file__).parents[2] / "studies" / "phone.yaml"
SHORT = ("--tokens", 4, "--seeds", 1, "--jobs", 1)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """One reading, one trace, two static controls, one point of each sweep."""
    monkeypatch.setattr(control_study, "READINGS", ("module-mac",))
    monkeypatch.setattr(control_study, "TRACES", ("tiny-distilled-sampled",))
    monkeypatch.setattr(control_study, "SWEEPS", {"acceptance": (0.8,)})
    monkeypatch.setattr(control_study, "EDC_SWEEPS", {"history": (4,)})
    monkeypatch.setattr(control_study, "LOOK_AHEAD_SWEEP", (8,))
    monkeypatch.setattr(control_cells, "DRAFT_LENGTHS", (2,))
    monkeypatch.setattr(control_cells, "LOOK_AHEADS", (8,))


@pytest.mark.usefixtures("small")
def test_the_study_of_control_is_written_with_the_findings_beside_it(
    succeeds: Succeeds, tmp_path: Path
) -> None:
    folder = tmp_path / "studies"
    folder.mkdir()
    (folder / "control.findings.md").write_text("## Findings\n\nNone yet.\n", encoding="utf-8")
    out = succeeds("study", "control", *SHORT, "--pair", "opt-1.3b:opt-6.7b", "--output", folder)
    assert out == ""
    page = (folder / "control.md").read_text(encoding="utf-8")
    assert "## Findings\n\nNone yet.\n\n## Control on" in page
    assert "| opt-1.3b:opt-6.7b | module-mac | tiny-distilled-sampled | 2 a batch, 8 ahead, " in page
    assert "llama2-7b:llama2-13b | module-mac | tiny" not in page
    for parameter in ("acceptance", "history", "look_ahead_limit", "reading"):
        assert f"### {parameter}\n" in page
    assert page.endswith("Runs of 4 tokens, 1 seed each.\n")


@pytest.mark.usefixtures("small")
def test_without_a_folder_it_is_printed_and_the_same_every_time(
    succeeds: Succeeds, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ("study", "control", *SHORT, "--pair", "opt-1.3b:opt-6.7b")
    printed = succeeds(*command)
    assert printed.startswith("# What control is worth\n")
    assert succeeds(*command, "--fresh") == printed
    # What is there is not computed again.
    monkeypatch.setattr(control_cells, "measure", None)
    assert succeeds(*command) == printed


def test_an_unknown_pair_is_refused(refused: Refused) -> None:
    message = refused("study", "control", *SHORT, "--pair", "opt-1.3b:opt-6")
    assert "unknown model 'opt-6'. Did you mean 'opt-6.7b'?" in message


def test_the_page_is_written_with_findings(
    succeeds: Succeeds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("optuna")
    monkeypatch.setattr(
        phone_study,
        "maps",
        lambda base, running: maps(base, running, ["tiny-draft:tiny-target"], [8], [0.5, 0.9]),
    )
    text = PHONE.read_text(encoding="utf-8").replace("tokens: 256", "tokens: 8").replace("detailed", "better")
    small = text.replace('pair: ["llama-3.2-1b:llama-3.1-8b", ', 'pair: ["tiny-draft:tiny-target"]  # ')
    (tmp_path / "phone.yaml").write_text(small, encoding="utf-8")
    (tmp_path / "phone.findings.md").write_text("## Findings\n\nMine.\n", encoding="utf-8")
    succeeds("study", "phone", "phone.yaml", "--budget", 4, "--output", tmp_path)
    page = (tmp_path / "phone.md").read_text(encoding="utf-8")
    assert page.startswith("# What to build into a phone\n\n")
    assert "## Findings\n\nMine.\n" in page
    assert "| tiny-draft:tiny-target | 8 | " in page
    assert page.rstrip().endswith("```")
