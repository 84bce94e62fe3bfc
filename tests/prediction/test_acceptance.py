"""Acceptance of the record, by method, task and size of the draft, and of a trace."""

import importlib.util
import sys
from importlib import resources
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from ahasd.errors import AhasdError
from ahasd.prediction.from_figures.acceptance import GivenAcceptance, RecordedAcceptance
from ahasd.prediction.from_figures.drafted_tokens import accepted_share, chance_of_share
from ahasd.prediction.from_figures.tasks import TASKS
from ahasd.prediction.from_figures.trace_acceptance import TraceAcceptance, accepted_share_of
from ahasd.prediction.from_figures.usual_acceptance import (
    STRANGE_RATIO,
    longest_draft,
    size_ratios,
    task_projects,
    usual_acceptance,
)
from ahasd.traces.rollout.synthetic import synthesize
from ahasd.validation.field.words import task_of
from ahasd.validation.table import Row
from ahasd.yaml_text import read_yaml

ROOT = Path(__file__).parents[2]
RECORD = ROOT / "tests" / "reference" / "field" / "speculation.csv"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fit_acceptance", ROOT / "scripts" / "fit_acceptance.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["fit_acceptance"] = module
    spec.loader.exec_module(module)
    return module


def test_the_package_holds_what_the_script_makes_of_the_rows(script: ModuleType) -> None:
    kept = read_yaml(
        (resources.files("ahasd.prediction.from_figures") / "acceptance.yaml").read_text(encoding="utf-8")
    )
    assert script.document(RECORD) == kept


def test_the_page_shows_the_shifts_that_are_kept() -> None:
    kept = read_yaml(
        (resources.files("ahasd.prediction.from_figures") / "acceptance.yaml").read_text(encoding="utf-8")
    )
    page = (ROOT / "docs" / "plan.md").read_text(encoding="utf-8")
    for task in TASKS:
        cells = []
        for entry in (kept["drafting_shift"].get(task), kept["copying_shift"].get(task)):
            many = f"{entry['projects']} project{'s' * (entry['projects'] != 1)}" if entry else ""
            cells.append(f"{entry['shift']:+g}, {many}".replace("-", "−") if entry else "not told")
        assert f"| {task} | {cells[0]} | {cells[1]} |" in page


def test_every_project_counts_the_same(script: ModuleType) -> None:
    rows = [script.Sample("mtp", "one", None, 0.9, None)] * 99 + [
        script.Sample("mtp", "two", None, 0.1, None)
    ]
    assert script.quantile(rows, 0.2) == 0.1
    assert script.quantile(rows, 0.8) == pytest.approx(0.9)
    assert 0.1 < script.quantile(rows, 0.5) <= 0.9


def test_a_shift_is_within_projects_and_drawn_towards_none(script: ModuleType) -> None:
    rows = [
        script.Sample("mtp", "one", "code", 0.9, None),
        script.Sample("mtp", "one", "chat", 0.5, None),
        script.Sample("mtp", "easy", "code", 0.97, None),  # measured one kind: tells nothing
    ]
    middle = (script.logit(0.9) + script.logit(0.5)) / 2
    assert script.task_shift(rows, "code") == (pytest.approx((script.logit(0.9) - middle) / 2), 1)
    assert script.task_shift(rows, "prose") == (0, 0)


@pytest.mark.parametrize(
    ("notes", "task"),
    [
        ("SLOWER; category code, 3 prompts of <=256 tokens", "code"),
        ("category reasoning, 2 prompts", "math"),
        ("gsm8k 8 prompts temp 1.0; acc_len", "math"),
        ("mt-bench; round 62.6 ms = draft 5.6", "chat"),
        ("Korean poetry; temp 0.7", "prose"),
        ("file rewrite present in prompt: 25.6/31.5", "edit"),
        ("code edit text repeating its context, hot phone", "edit"),
        ("category all, 12 prompts", None),
        ("f16 KV; prose 33.6->47.9 code 33.0->48.1", None),
        ("", None),
    ],
)
def test_notes_say_the_kind_of_text(notes: str, task: str | None) -> None:
    assert task_of(Row("speculation.csv", 2, {"notes": notes})) == task


def test_code_is_accepted_more_often_than_chat_and_the_spread_goes_along() -> None:
    code, chat, all_kinds = (usual_acceptance("draft-model", task) for task in ("code", "chat", None))
    assert code is not None
    assert chat is not None
    assert all_kinds is not None
    assert chat.middle < all_kinds.middle < code.middle
    assert chat.low < all_kinds.low < code.low < 1
    assert code.low < code.middle < code.high < 1


def test_a_kind_that_nobody_tells_apart_moves_nothing() -> None:
    assert task_projects("ngram", "chat") == 0
    assert usual_acceptance("ngram", "chat") == usual_acceptance("ngram")
    assert any(task_projects("ngram", task) for task in TASKS)


def test_a_draft_of_a_size_that_the_record_lacks_is_less_sure() -> None:
    seen = size_ratios()
    inside, outside = (usual_acceptance("draft-model", ratio=ratio) for ratio in (seen.low, seen.high * 2))
    assert inside == usual_acceptance("draft-model")
    assert inside is not None
    assert outside is not None
    assert outside.middle == pytest.approx(inside.middle)
    assert outside.low < inside.low < inside.high < outside.high
    assert usual_acceptance("mtp", ratio=seen.high * 2) == usual_acceptance("mtp")
    assert STRANGE_RATIO > 1
    notes = RecordedAcceptance(ratio=seen.high * 2).notes("draft-model")
    assert any("times less than their targets" in note for note in notes)


def test_the_chance_of_a_share_is_the_share_of_a_chance_the_other_way_round() -> None:
    for chance in (0.1, 0.5, 0.9):
        for length in (1, 2.5, 8):
            assert chance_of_share(accepted_share(chance, length), length) == pytest.approx(chance)


def test_a_given_acceptance_holds_for_its_methods_alone() -> None:
    found = GivenAcceptance(0.6, ("draft-model",))
    own, other = found.chance("draft-model", 4), found.chance("ngram", 4)
    assert own is not None
    assert other is not None
    assert (own.low, own.middle, own.high, own.source) == (0.6, 0.6, 0.6, "given")
    assert other.source == "published record"
    assert found.notes("draft-model") == []
    assert found.chance("layer-skip", 1) is None


def test_drafts_longer_than_anybody_published_are_not_tried() -> None:
    assert longest_draft("mtp") == 8
    assert longest_draft("layer-skip") is None


def test_the_share_of_a_trace_counts_what_stands_before_the_first_rejection() -> None:
    trace = synthesize(0.7, 0.7, positions=400)
    for length in (1, 3, 8):
        before = [int(np.argmin([*row[:length], 0])) for row in trace.accepted]
        assert accepted_share_of(trace, length).mean == pytest.approx(sum(before) / (length * len(before)))
    with pytest.raises(AhasdError, match="holds drafts of"):
        accepted_share_of(trace, trace.steps + 1)


def test_a_trace_gives_the_chance_that_makes_its_share_and_answers_for_draft_models_alone() -> None:
    trace = synthesize(0.7, 0.7, positions=400)
    found = TraceAcceptance(trace, "mine", RecordedAcceptance())
    chance, other = found.chance("draft-model", 4), found.chance("mtp", 4)
    assert chance is not None
    assert other is not None
    assert accepted_share(chance.middle, 4) == pytest.approx(accepted_share_of(trace, 4).mean)
    assert chance.low <= chance.middle <= chance.high
    assert (chance.source, other.source) == ("trace", "published record")
    assert "trace mine" in found.notes("draft-model")[0]
