"""The conformance suite of views: whatever a family brings, these hold."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import altair
import pytest

from ahasd.errors import AhasdError
from ahasd.report.pictures.columns import Columns, details_document, read_details
from ahasd.report.pictures.figure import Figure
from ahasd.report.pictures.form import Form
from ahasd.report.pictures.render import NARROW, svg
from ahasd.report.pictures.view import Shown
from ahasd.report.pictures.views import view_of, views
from ahasd.systems.families import FAMILIES

from .conftest import RUNS, Ran, ran_of

#: What each family's form is asked; little, so that it is quick.
ASKED: dict[str, dict[str, Any]] = {
    "speculation": {"tokens": 16, "kv_bits": "16"},
    "experts": {name: RUNS["experts"][name] for name in ("routing", "cached")},
    "sparse_attention": {"tokens": 2, "context": "4k", "kv_bits": "8"},
    "speech": {"trace": "synthetic-speech:tokens=6,clips=2", "weight_bits": "8"},
    "graph_ordering": {"network": "darts"},
    "private_inference": {"network": "glyph", "widths": "w4a6"},
}


def form_of(name: str) -> Form:
    (view,) = (view for view in views() if view.name == name)
    form = view.form()
    assert form is not None
    return form


def shown() -> Iterator[tuple[str, Callable[[], Shown]]]:
    for name in RUNS:
        yield name, lambda name=name: ran_of(name).view.show(ran_of(name).document, ran_of(name).details)
    for name in ASKED:
        yield f"form of {name}", lambda name=name: form_of(name).answer(ASKED[name])


CASES = dict(shown())


def test_every_family_that_runs_has_a_view_and_names_differ() -> None:
    names = [view.name for view in views()]
    assert len(set(names)) == len(names)
    assert set(FAMILIES) <= set(names)


@pytest.mark.parametrize("case", CASES)
def test_what_is_shown_can_be_drawn_and_read(case: str) -> None:
    found = CASES[case]()
    assert found.sentence.endswith(".")
    assert found.title
    assert found.figures
    assert found.tables
    assert len({figure.name for figure in found.figures}) == len(found.figures)
    for figure in found.figures:
        check_figure(figure)


def check_figure(figure: Figure) -> None:
    assert re.fullmatch(r"[a-z0-9-]+", figure.name)
    assert figure.title
    assert figure.says.endswith(".")
    assert figure.columns.rows
    altair.Chart.from_dict(figure.document(NARROW))  # raises where the grammar does not know it
    fields = set(re.findall(r"'field': '(\w+)'", str(figure.drawing)))
    assert fields - {"rank"} <= set(figure.columns.names)
    head, *rows = csv.reader(io.StringIO(figure.table().csv()))
    assert tuple(head) == figure.columns.names
    assert [tuple(map(_value, row)) for row in rows] == [
        tuple(map(_number, row)) for row in figure.columns.rows
    ]


def _value(cell: str) -> Any:
    try:
        return float(cell)
    except ValueError:
        return None if cell == "" else cell


def _number(value: Any) -> Any:
    return _value("" if value is None else str(value))


def test_details_are_read_as_they_were_written(ran: Ran) -> None:
    assert read_details(details_document(ran.details), "x") == ran.details


def test_without_details_there_is_less_to_see_and_a_note_says_so(ran: Ran) -> None:
    with_them, without = ran.view.show(ran.document, ran.details), ran.view.show(ran.document, {})
    assert {figure.name for figure in without.figures} < {figure.name for figure in with_them.figures}
    assert without.sentence == with_them.sentence
    assert any("details.json" in note for note in without.notes)
    assert not any("details.json" in note for note in with_them.notes)


@pytest.mark.parametrize("name", ASKED)
def test_a_form_answers_and_names_the_command_that_does_the_same(name: str) -> None:
    form = form_of(name)
    fields = {field.name: field for field in form.fields()}
    assert set(ASKED[name]) <= set(fields)
    for field in fields.values():
        assert field.text
        if field.kind == "choice":
            assert field.choices
            assert field.default is None or field.default in field.choices
    words = form.command(ASKED[name])
    assert words[0] == "ahasd"
    for value in ASKED[name].values():
        assert str(value) in words


def test_constants_of_the_hardware_can_be_changed_and_change_the_answer() -> None:
    form = form_of("speculation")
    constants = {field.name: field for field in form.constants({})}
    clock = constants["npu.clock_ghz"]
    assert (clock.default, clock.low, clock.high) == (1.0, 0.25, 4.0)
    for field in constants.values():
        assert field.low is not None
        assert field.high is not None
        assert isinstance(field.default, float)
        assert field.low <= field.default <= field.high
    channel = constants["memory.channel_gb_per_second"]
    assert isinstance(channel.default, float)
    asked = ASKED["speculation"] | {"memory.channel_gb_per_second": channel.default * 2}
    assert f"memory.channel_gb_per_second={channel.default * 2}" in form.command(asked)
    assert form.answer(asked).sentence != form.answer(ASKED["speculation"]).sentence


def test_a_form_says_what_is_wrong() -> None:
    with pytest.raises(AhasdError, match="unknown model"):
        form_of("speculation").answer({"pair": "nonsense:llama2-13b"})


@pytest.mark.parametrize("change", [{"schema_version": 1}, {"schema_version": 99}, {"schema_version": None}])
def test_results_of_another_version_are_refused_with_the_reason(ran: Ran, change: dict[str, Any]) -> None:
    document = ran.document | change
    with pytest.raises(AhasdError, match="this version reads 2"):
        view_of(document, "x").show(document, {})


@pytest.mark.parametrize(
    "change", [{"seconds": "soon"}, {"energy_j": [1]}, {"devices": None}, {"verdict": {}}]
)
def test_damaged_results_are_refused_by_the_name_of_what_is_wrong(ran: Ran, change: dict[str, Any]) -> None:
    document = ran.document | change
    (name,) = change
    with pytest.raises(AhasdError, match=name):
        view_of(document, "x").show(document, {})


@pytest.mark.parametrize(
    "document",
    [
        {"live_bytes": [1], "arena": {}},
        {"protocols": 1, "rounds": 1, "layers": 3},
        {"targets": 3, "sentences": []},
        {"systems": [], "sentences": []},
        {"claims": 1, "criterion": "", "schema_version": 1},
        {"claims": [], "criterion": "", "schema_version": 7},
    ],
)
def test_damaged_documents_of_every_kind_are_refused(document: dict[str, Any]) -> None:
    with pytest.raises(AhasdError):
        view_of(document, "x").show(document, {})


def test_what_no_command_wrote_is_refused() -> None:
    with pytest.raises(AhasdError, match="here is not what a command of ahasd writes"):
        view_of({"a": 1}, "here")


def test_columns_have_values_for_every_name() -> None:
    with pytest.raises(ValueError, match="1 values where there are 2 names"):
        Columns(("a", "b"), ((1,),))


HOSTILE = "<script>alert(1)</script>[bold]\x1b[2J\n| x |"


def test_markup_in_names_is_drawn_as_text() -> None:
    figure = Figure(
        "x",
        HOSTILE,
        HOSTILE,
        Columns.of(("way", "value"), [(HOSTILE, 1.0)]),
        {"mark": "bar", "encoding": {"x": {"field": "value"}, "y": {"field": "way", "type": "nominal"}}},
    )
    drawn = svg(figure, NARROW)
    assert "<script" not in drawn
    assert "\x1b" not in drawn
    assert "&lt;script&gt;" in drawn
