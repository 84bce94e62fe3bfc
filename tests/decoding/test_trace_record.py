"""``ahasd trace record`` below its command line."""

import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from ahasd.cli.trace_record import record_command
from ahasd.decoding.recording import checkpoint, recorder
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
    assert sorted(path.name for path in options["output"].parent.iterdir()) == [
        "questions.jsonl",
        "trace.safetensors",
    ]


def test_without_models_and_prompts_it_is_the_tiny_pair_on_sample_prompts(options):
    record_command(**options | {"target": None, "draft": None, "prompts": None})
    header = load(options["output"]).header
    assert (header.target, header.draft, header.prompts) == (
        "tiny-target",
        "tiny-draft-distilled",
        "sample prompts",
    )
    with pytest.raises(AhasdError, match="there is a target and no draft"):
        record_command(**options | {"draft": None})
    with pytest.raises(AhasdError, match="there is a draft and no target"):
        record_command(**options | {"target": None})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"output": "absent/trace.safetensors"}, "the folder .* does not exist"),
        ({"output": "."}, "it is a folder"),
        ({"prompts": "absent.jsonl"}, "prompt file .* does not exist"),
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


def unfinished(output):
    return output.with_name(f"{output.name}.unfinished")


@pytest.fixture
def interrupted(options, monkeypatch, capsys):
    """A recording that Ctrl-C ended while it was at its second prompt."""
    record_prompt = recorder._record_prompt

    def interrupt(target, draft, prompt, index, *others):
        if index == 1:
            raise KeyboardInterrupt
        return record_prompt(target, draft, prompt, index, *others)

    with monkeypatch.context() as patched:
        patched.setattr(recorder, "_record_prompt", interrupt)
        with pytest.raises(KeyboardInterrupt):
            record_command(**options)
    assert "trace.safetensors.unfinished; the same command goes on" in capsys.readouterr().err
    assert not options["output"].exists()
    return options


def test_after_ctrl_c_the_same_command_goes_on_and_gives_the_same_file(interrupted, tmp_path, monkeypatch):
    recorded = []
    record_prompt = recorder._record_prompt

    def watch(target, draft, prompt, index, *others):
        recorded.append(index)
        return record_prompt(target, draft, prompt, index, *others)

    monkeypatch.setattr(recorder, "_record_prompt", watch)
    record_command(**interrupted)
    assert recorded == [1]
    assert not unfinished(interrupted["output"]).exists()
    whole = tmp_path / "whole.safetensors"
    record_command(**interrupted | {"output": whole})
    assert recorded == [1, 0, 1]
    assert interrupted["output"].read_bytes() == whole.read_bytes()


def test_a_damaged_unfinished_recording_is_named(interrupted):
    with sqlite3.connect(unfinished(interrupted["output"])) as database:
        database.execute("UPDATE rows SET tensors = ?", (b"torn",))
    database.close()
    with pytest.raises(AhasdError, match=r"unfinished: the rows of prompt 0 were altered.*delete it"):
        record_command(**interrupted)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seed": 3}, "another seed"),
        ({"mode": "greedy"}, "another mode"),
        ({"steps": 18}, "another steps"),
        ({"tokens_per_prompt": 7}, "tokens per prompt"),
        ({"draft": draft_path("plain")}, "weights of the draft"),
    ],
)
def test_an_unfinished_recording_of_other_arguments_is_refused(interrupted, change, said):
    before = unfinished(interrupted["output"]).read_bytes()
    with pytest.raises(
        AhasdError, match=rf"another recording \(another .*{said[8:]}.*delete it to start afresh"
    ):
        record_command(**interrupted | change)
    assert unfinished(interrupted["output"]).read_bytes() == before


def test_other_prompts_are_refused_too(interrupted):
    interrupted["prompts"].write_text('{"turns": ["import os\\n"]}\n{"turns": ["def g("]}\n')
    with pytest.raises(AhasdError, match=r"\(another texts of prompts\)"):
        record_command(**interrupted)


def test_a_file_that_is_no_checkpoint_or_is_in_use_is_refused(options):
    path = unfinished(options["output"])
    path.write_text("something else, and more than sqlite's header of a hundred bytes is long " * 4)
    with pytest.raises(AhasdError, match=r"cannot be used .*delete it"):
        record_command(**options)
    path.unlink()
    with (
        checkpoint.Checkpoint(path, {}),
        pytest.raises(AhasdError, match="another process records into the same file"),
    ):
        record_command(**options)


@pytest.mark.slow
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_process_is_gone_on_with(options, tmp_path, sent):
    options["prompts"].write_text("".join(f"def f{number}(\n" for number in range(12)))
    options |= {"tokens_per_prompt": 20}

    def command(output):
        arguments = (
            f"--{key.replace('_', '-')}={value}" for key, value in (options | {"output": output}).items()
        )
        run = "from ahasd.cli.trace import trace; trace()"
        return [sys.executable, "-c", run, "record", *arguments]

    whole = tmp_path / "whole.safetensors"
    subprocess.run(command(whole), check=True, capture_output=True)
    with subprocess.Popen(command(options["output"]), stderr=subprocess.PIPE) as process:
        path = unfinished(options["output"])
        while not (path.exists() and path.stat().st_size > 20_000):
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.01)
        process.send_signal(sent)
        process.communicate()
    assert process.returncode == (130 if sent == signal.SIGINT else -sent)
    assert path.exists()
    assert not options["output"].exists()
    done = subprocess.run(command(options["output"]), check=True, capture_output=True, text=True)
    assert "Loading" not in done.stderr
    assert options["output"].read_bytes() == whole.read_bytes()
    assert not list(tmp_path.glob("*unfinished*"))
