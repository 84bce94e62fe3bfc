"""The commands with runs have the options of a run, as the configuration states them."""

import re
from collections.abc import Callable
from typing import get_type_hints

import pytest
import typer

from ahasd.cli.app import app
from ahasd.speculation.run_options import SpeculationOptions

#: What a command does not take from the options of a run, as it varies or sets it itself.
WITHOUT = {
    "run": set(),
    "compare": {"system", "hardware", "seed"},
    "ablation": {"system", "hardware", "seed", "set"},
}
#: Defaults that a command has of its own.
OWN = {"ablation": {"algorithm": "adaedl:calibrated"}}


@pytest.mark.parametrize("command", WITHOUT)
def test_a_command_takes_every_option_of_a_run_that_it_does_not_vary(command: str) -> None:
    found = typer.main.get_command(app).get_command(None, command)  # type: ignore[attr-defined]
    taken = {parameter.name: parameter for parameter in found.params}
    for name in get_type_hints(SpeculationOptions).keys() - WITHOUT[command]:
        assert taken[name].opts == ["--" + name.replace("_", "-")]
        default = OWN.get(command, {}).get(name, getattr(SpeculationOptions, name))
        if default not in (None, ()):
            # Where families differ, as on `ahasd run`, the others' defaults stand behind.
            assert str(taken[name].show_default).split("; ")[0] == str(default)
    assert WITHOUT[command] & taken.keys() <= {"hardware", "system"}  # of which they take several, or another


def test_the_help_says_what_an_option_is_what_it_may_be_and_what_it_is_without(
    succeeds: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    text = succeeds("run", "--help")
    for line in (
        r"--pair .* DRAFT:TARGET, ",
        r"default: .*llama2-7b:llama2-13b",
        r"--weight-bits .*<int> .* 4, 8 or 16 ",
        r"--fidelity .* first-order or detailed .*detailed",
        r"--hardware .*the system's own, mostly module-mac",
        r"--set +KEY=VALUE +Change a constant",
        r"--seed .*<int> .*0",
    ):
        assert re.search(line, text), line


def test_a_left_out_option_leaves_the_configuration_of_a_file_alone(
    succeeds: Callable[..., str], short: list[str]
) -> None:
    succeeds("run", *short, "--weight-bits", 4, "--set", "system.edc=false", "--output", "first")
    again = succeeds("run", "--config", "first/config.json", "--seed", 1, "--json")
    assert '"weight_bits": 4' in again
    assert '"edc": false' in again
