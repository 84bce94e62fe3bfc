"""What ``--set`` changes: options of the system, and constants of the hardware."""

import pytest

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.family.changes import change_system, changes_that_apply
from ahasd.hardware.preset.preset import load_preset
from ahasd.speculation.configuration import RunConfiguration, resolve
from ahasd.speculation.options.read import SYSTEMS

AHASD, SERIAL = SYSTEMS.load("ahasd"), SYSTEMS.load("npu")
PRESET = load_preset("module-mac")
CHANGES = ["npu.clock_ghz=1.5", "system.edc=false"]


def test_each_takes_its_own_changes() -> None:
    found = resolve(RunConfiguration.checked(system="ahasd", hardware="module-mac", set=CHANGES))
    assert AHASD.edc is True
    assert found.system == change_system(AHASD, CHANGES) == AHASD.model_copy(update={"edc": False})
    assert found.preset.hardware.npu is not None
    assert found.preset.hardware.npu.clock_ghz == 1.5
    other = resolve(RunConfiguration.checked(system="ahasd", hardware="module-mac", set=CHANGES[1:]))
    assert other.preset == PRESET


def test_an_unknown_constant_is_refused_with_those_of_hardware_and_system() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown --set key 'npu\.clock_gz'.*Did you mean") as error:
        resolve(RunConfiguration.checked(system="ahasd", set=["npu.clock_gz=1"]))
    assert {"npu.clock_ghz", "system.edc", "system.queues.feedback"} <= set(error.value.valid)


def test_an_option_of_another_kind_of_system_is_refused_with_the_kinds_that_have_it() -> None:
    with pytest.raises(AhasdError, match=r"--set system\.edc=true: system\.edc is an option of asynchronous"):
        change_system(SERIAL, ["system.edc=true"])
    with pytest.raises(UnknownNameError, match=r"unknown --set key 'system\.edx'"):
        change_system(AHASD, ["system.edx=true"])


def test_changes_that_another_system_cannot_take_are_left_out() -> None:
    assert changes_that_apply(AHASD, CHANGES) == CHANGES
    assert changes_that_apply(SERIAL, CHANGES) == ["npu.clock_ghz=1.5"]
    assert changes_that_apply(SERIAL, ["system.queues.feedback=3", "system.catch_up=separate"]) == [
        "system.catch_up=separate"
    ]
