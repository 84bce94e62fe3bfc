"""What can be chosen of a run is the same for a configuration and for Python."""

import inspect
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

import ahasd
from ahasd.errors import AhasdError
from ahasd.hardware.fidelity import Fidelity
from ahasd.speculation.configuration import RunConfiguration
from ahasd.speculation.run_options import SpeculationOptions
from ahasd.systems.simulate import simulate


def stated() -> dict[str, Any]:
    return get_type_hints(SpeculationOptions)


def test_a_configuration_has_every_option_with_its_default() -> None:
    configuration = RunConfiguration()
    assert set(RunConfiguration.model_fields) == {*stated(), "models"}
    assert {name: getattr(configuration, name) for name in stated()} == {
        name: getattr(SpeculationOptions, name) for name in stated()
    }


def test_a_configuration_checks_what_the_options_state() -> None:
    for name in ("tokens", "prompt_tokens"):
        with pytest.raises(AhasdError, match=f"{name} is 0; must be at least 1"):
            RunConfiguration.checked(**{name: 0})


def test_python_takes_what_a_configuration_takes_with_the_same_defaults() -> None:
    taken = inspect.signature(ahasd.simulate).parameters
    objects = {"control", "devices"}  # that no configuration can hold
    assert set(taken) == set(RunConfiguration.model_fields) | objects
    assert {name: parameter.default for name, parameter in taken.items() if name not in objects} == {
        name: field.default for name, field in RunConfiguration.model_fields.items()
    }


def test_python_states_the_same_few_values() -> None:
    names = ("ModelSpec", "SpeculationResult", "DraftingPolicy", "Pilot", "Device")
    hints = get_type_hints(ahasd.simulate, localns={name: Any for name in names})
    for name, hint in stated().items():
        if get_origin(hint) is Literal or hint is Fidelity:
            values = get_args(hint) or tuple(hint)
            assert get_args(hints[name]) == values, name


def test_an_unknown_name_is_python_s_own_error_and_in_a_document_ours() -> None:
    with pytest.raises(TypeError, match="tokns"):
        ahasd.simulate(tokns=3)  # type: ignore[call-arg]
    with pytest.raises(AhasdError, match=r"unknown key 'tokns' \(did you mean 'tokens'\?\)"):
        simulate(tokns=3)
