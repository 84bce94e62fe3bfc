"""``ahasd trace record`` below its command line."""

import pytest

from ahasd.cli.trace_record import record_command
from ahasd.decoding.tiny_pair import draft_path, target_path
from ahasd.errors import AhasdError
from ahasd.traces.files import load


@pytest.fixture
def options(tmp_path):
    prompts = tmp_path / "questions.jsonl"
    prompts.write_text(
        '{"question_id": 1, "turns": ["import os\\n"]}\n{"question_id": 2, "turns": ["def f("]}\n'
    )
    return {
        "target": target_path(),
        "draft": draft_path(),
        "prompts": prompts,
        "output": tmp_path / "trace.safetensors",
        "mode": "sampled",
        "temperature": 0.8,
        "steps": 17,
        "tokens_per_prompt": 6,
        "seed": 2,
    }


def test_a_trace_is_written(options, capsys):
    record_command(**options)
    trace = load(options["output"])
    assert (trace.prompts, trace.positions, trace.steps) == (2, 12, 17)
    assert (trace.header.prompts, trace.header.temperature, trace.header.seed) == ("questions.jsonl", 0.8, 2)
    assert "12 positions of 2 prompts, 17 draft steps each" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"output": "absent/trace.safetensors"}, "the folder .* does not exist"),
        ({"output": "."}, "it is a folder"),
        ({"prompts": "absent.jsonl"}, "prompt file .* cannot be read"),
        ({"draft": "absent"}, "model .* no such folder"),
        ({"mode": "beam"}, "mode is 'beam'"),
        ({"steps": 8}, "steps is 8"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_written(options, change, message, tmp_path):
    options |= {
        key: tmp_path / value if key not in ("mode", "steps") else value for key, value in change.items()
    }
    before = sorted(tmp_path.iterdir())
    with pytest.raises(AhasdError, match=message):
        record_command(**options)
    assert sorted(tmp_path.iterdir()) == before
