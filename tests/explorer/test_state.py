"""What is chosen, as a link and as a command, and back."""

import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ahasd
from ahasd.errors import AhasdError
from ahasd.explorer.answers import answer, check, first_design, form_of
from ahasd.explorer.state import LONGEST, Design, State, read_query

NAMES = st.from_regex(r"[a-z_]{1,9}(\.[a-z0-9_]{1,9})?", fullmatch=True).filter(lambda name: name != "family")
DESIGNS = st.builds(
    Design, NAMES, st.dictionaries(NAMES, st.text(st.characters(codec="utf-8"), min_size=1), max_size=5)
)


@settings(deadline=None)
@given(st.lists(DESIGNS, min_size=1, max_size=2))
def test_a_state_comes_back_from_its_link(designs: list[Design]) -> None:
    state = State(tuple(designs))
    assert read_query(state.query()) == state
    assert read_query(f"http://127.0.0.1:1/?token=a.b&{state.query()}") == state


def test_a_link_without_a_design_is_no_state() -> None:
    assert read_query("token=abc") is None
    assert read_query("") is None


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("a.tokens=3", "a.family"),
        ("a.family=speculation&a.tokens=1&a.tokens=2", "twice"),
        ("a.family=speculation&a.<script>=1", "no option"),
        ("a." + "x" * LONGEST, "characters"),
        ("&".join(f"a.n{number}=1" for number in range(401)), "400"),
    ],
)
def test_a_bad_link_is_refused_with_the_reason(query: str, said: str) -> None:
    with pytest.raises(AhasdError, match=said):
        read_query(query)


def test_options_and_families_that_there_are_not_are_refused() -> None:
    with pytest.raises(AhasdError, match="speculation"):
        check(State((Design("nonsense"),)))
    with pytest.raises(AhasdError, match="tokens"):
        check(State((Design("speculation", {"tokns": "3"}),)))
    with pytest.raises(AhasdError, match="network"):
        check(State((Design("graph_ordering", {"npu.clock_ghz": "3"}),)))


@pytest.mark.parametrize(
    ("family", "name", "value"),
    [
        ("graph_ordering", "method", "greedy"),
        ("speculation", "system", "ahasdd"),
        ("private_inference", "link", "x"),
    ],
)
def test_a_choice_that_there_is_not_is_an_answer_that_says_so(family: str, name: str, value: str) -> None:
    found = answer(first_design(family).changed(name, value))
    assert found.shown is None
    assert f"unknown {name} '{value}'" in found.error


def test_nothing_chosen_is_left_out() -> None:
    design = Design("speculation").changed("tokens", "64").changed("seed", "1")
    assert (
        design.changed("seed", None) == design.changed("seed", "") == Design("speculation", {"tokens": "64"})
    )


def test_the_page_begins_with_a_short_run() -> None:
    assert first_design("speculation").values == {"tokens": "128"}
    assert int(first_design("sparse_attention").values["tokens"]) < 16
    assert "tokens=192" in first_design("experts").values["routing"]
    assert first_design("graph_ordering").values == {}


def test_the_answer_is_that_of_the_run_that_the_command_names() -> None:
    chosen = {
        "tokens": "32",
        "acceptance": "0.75",
        "npu.clock_ghz": "2",
        "algorithm": "fixed:3",
        "system": "npu",
    }
    found = answer(Design("speculation", chosen))
    assert found.shown is not None
    same = ahasd.simulate(
        tokens=32,
        trace="synthetic:acceptance=0.75",
        set={"npu.clock_ghz": 2},
        algorithm="fixed:3",
        system="npu",
    )
    assert found.shown.sentence == same.verdict.sentence
    assert found.shown.main["tokens/s"] == f"{same.tokens_per_second:.4g}"
    assert found.image.startswith("data:image/svg+xml;base64,")
    words = shlex.split(found.command)
    assert words[:2] == ["ahasd", "run"]
    assert dict(zip(words[2::2], words[3::2], strict=True)) == {
        "--tokens": "32",
        "--trace": "synthetic:acceptance=0.75",
        "--algorithm": "fixed:3",
        "--system": "npu",
        "--set": "npu.clock_ghz=2",
    }


def test_acceptance_moves_the_answer() -> None:
    base = Design("speculation", {"tokens": "32"})
    low, high = (answer(base.changed("acceptance", value)) for value in ("0.4", "0.95"))
    assert low.shown is not None
    assert high.shown is not None
    assert float(low.shown.main["tokens/s"]) < float(high.shown.main["tokens/s"])


def test_what_is_wrong_is_said_in_the_answer() -> None:
    found = answer(Design("speculation", {"pair": "<script>:llama2-13b"}))
    assert found.shown is None
    assert "<script>" in found.error
    assert answer(Design("speculation", {"hardware": "nonsense"})).error


def test_a_model_of_ones_own_takes_one_part_of_the_pair() -> None:
    form = form_of("speculation")
    once = form.with_model({}, "draft", "/x/config.json")
    assert once == {"pair": "/x/config.json:llama2-13b"}
    assert form.with_model(once, "target", "/y.gguf") == {"pair": "/x/config.json:/y.gguf"}
    with pytest.raises(ValueError, match="none of"):
        form.with_model({}, "other", "/x")
    assert form_of("sparse_attention").with_model({}, "model", "/x") == {"model": "/x"}
