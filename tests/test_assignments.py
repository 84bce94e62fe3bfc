"""Fields changed by text: what can be named, also where nothing is given yet."""

import pytest
from pydantic import BaseModel

from ahasd.assignments import assign
from ahasd.errors import AhasdError, UnknownNameError


class Section(BaseModel):
    rate: float = 1.0
    limit: int | None = None


class Document(BaseModel):
    section: Section = Section()
    absent: Section | None = None
    label: str | None = None


def test_a_value_that_is_not_given_can_be_given_in_sections_too() -> None:
    changed = assign(assign(Document(), "section.limit", "3"), "label", "x")
    assert changed == Document(section=Section(limit=3), label="x")


def test_a_section_that_is_absent_has_nothing_to_set() -> None:
    for key in ("absent", "absent.limit"):
        with pytest.raises(UnknownNameError, match=r"Valid: label, section\.limit, section\.rate"):
            assign(Document(), key, "3")


def test_a_value_of_the_wrong_kind_names_key_and_text() -> None:
    with pytest.raises(AhasdError, match=r"--set section\.limit=many"):
        assign(Document(), "section.limit", "many")
