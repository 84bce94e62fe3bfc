"""`ahasd rtl` and `ahasd cost`: files, and mistakes that are told before any work is done."""

import pytest
from typer.testing import CliRunner

pytest.importorskip("amaranth", reason="the extra `rtl` is not installed")

from ahasd.cli.app import app
from ahasd.errors import AhasdError


def run(*arguments):
    return CliRunner().invoke(app, [*map(str, arguments)])


def test_emit_writes_a_file_per_module(tmp_path):
    done = run("rtl", "emit", "--output", tmp_path, "--set", "lanes=2", "--set", "queues.feedback=4")
    assert done.exit_code == 0, done.output
    names = {path.name for path in tmp_path.iterdir()}
    assert {"controller.v", "controller_edc.v", "controller_tvc.v", "aau.v", "aau_lane.v"} <= names
    assert "lane_1" in (tmp_path / "aau.v").read_text(encoding="utf-8")
    assert "lane_2" not in (tmp_path / "aau.v").read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = run("rtl", "emit", "--output", tmp_path / "file")
    assert isinstance(done.exception, AhasdError)
    assert "cannot be written: it is a file" in str(done.exception)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("cost", "--node", 22), "no scaling data for 22 nm"),
        (("cost", "--die-mm2", 0), "give its area in mm²"),
        (("cost", "--die-mm2", "nan"), "give its area in mm²"),
        (("cost", "--set", "lanes=3"), "needs a power of two"),
        (("cost", "--set", "ranks=0"), "must be at least 2"),
        (("cost", "--set", "lanes"), "lanes"),
        (("rtl", "synth", "--set", "queues.feedback=0"), "must be above 0"),
        (("rtl", "emit", "--output", "x", "--set", "lane=3"), "Did you mean 'lanes'"),
    ],
)
def test_bad_sizes(arguments, message):
    done = run(*arguments)
    assert isinstance(done.exception, AhasdError)
    assert message in str(done.exception)


def test_without_yosys_the_package_is_named(monkeypatch):
    monkeypatch.setenv("PATH", "")
    for command in (("cost",), ("rtl", "synth")):
        done = run(*command)
        assert isinstance(done.exception, AhasdError)
        assert "apt-get install yosys qflow-tech-osu018" in str(done.exception)
