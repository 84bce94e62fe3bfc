"""The one list of families, and whose each system is."""

import pytest

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.speculation.configuration import RunConfiguration
from ahasd.systems import families
from ahasd.systems.simulate import configure, simulate


def test_every_family_names_itself_and_its_systems() -> None:
    for name in families.FAMILIES:
        family = families.load_family(name)
        assert family.name == name
        assert family.systems.names
        for system in family.systems.names:
            loaded = families.load_system(system)
            assert (loaded.name, loaded.family) == (system, name)
            assert families.family_of(system) is family
            assert families.family_of(loaded.model_dump()) is family
        assert name in family.result.model_fields


def test_names_of_systems_are_unique_over_families() -> None:
    names = families.system_names()
    assert len(names) == len(set(names))


def test_a_document_without_family_is_one_of_speculation() -> None:
    family, configuration = configure({"system": {"schedule": "autoregressive"}})
    assert family.name == "speculation"
    assert isinstance(configuration, RunConfiguration)


@pytest.mark.parametrize(
    ("system", "problem"),
    [("npu-pim-asink", "npu-pim-async"), ({"family": "magic"}, "must be one of speculation"), (7, "a name")],
)
def test_what_is_no_system_is_refused(system: object, problem: str) -> None:
    with pytest.raises((AhasdError, UnknownNameError), match=problem):
        simulate(system=system)
