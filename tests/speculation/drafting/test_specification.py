import pytest
from hypothesis import given
from hypothesis import strategies as st

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.speculation.drafting.algorithms.adaedl import AdaEdl
from ahasd.speculation.drafting.algorithms.exp3 import Exp3Length
from ahasd.speculation.drafting.algorithms.fixed import FixedLength
from ahasd.speculation.drafting.algorithms.specdecpp import SpecDecPp
from ahasd.speculation.drafting.algorithms.svip import Svip
from ahasd.speculation.drafting.algorithms.ucb import UcbLength
from ahasd.speculation.drafting.specification import (
    algorithm_descriptions,
    algorithm_names,
    build_policy,
    parse_algorithm,
)


def test_names_alone_take_the_published_numbers():
    svip = parse_algorithm("svip")
    assert svip.provenance == "published"
    assert svip.parameters == {"h": 0.3, "maximum": 40}
    adaedl = parse_algorithm("adaedl")
    assert adaedl.parameters == {
        "gamma": 0.2,
        "lambda": 0.8,
        "target": 0.9,
        "step": 0.01,
        "memory": 0.5,
        "inertia": 0.9,
        "maximum": 16,
    }
    specdecpp = parse_algorithm("specdecpp")
    assert specdecpp.parameters == {"h": 0.7, "minimum": 2, "maximum": 20, "lag": 1}
    assert parse_algorithm("banditspec-ucb").parameters == {"arms": 4, "exploration": 6}
    assert parse_algorithm("banditspec-exp3").parameters == {
        "arms": 4,
        "rate": 1,
        "exploration": 0,
        "seed": 0,
    }


def test_given_numbers_reach_the_policy():
    fixed = build_policy(parse_algorithm("fixed:7"))
    assert isinstance(fixed, FixedLength)
    assert fixed.maximum_length == 7
    svip = build_policy(parse_algorithm("svip:h=0.5, maximum=12"))
    assert isinstance(svip, Svip)
    assert (svip.h, svip.maximum_length) == (0.5, 12)
    adaedl = build_policy(
        parse_algorithm("adaedl:gamma=0.3,lambda=0.7,target=0.6,step=0.02,memory=0.1,inertia=0.2,maximum=9")
    )
    assert isinstance(adaedl, AdaEdl)
    numbers = (adaedl.gamma, adaedl.threshold, adaedl.target, adaedl.step, adaedl.maximum_length)
    assert numbers == (0.3, 0.7, 0.6, 0.02, 9)
    assert (adaedl.memory, adaedl.inertia) == (0.1, 0.2)
    specdecpp = build_policy(parse_algorithm("specdecpp:h=0.4,minimum=3,maximum=8,lag=0"))
    assert isinstance(specdecpp, SpecDecPp)
    assert (specdecpp.h, specdecpp.minimum_length, specdecpp.maximum_length, specdecpp.lag) == (0.4, 3, 8, 0)
    ucb = build_policy(parse_algorithm("banditspec-ucb:arms=7,exploration=2"))
    assert isinstance(ucb, UcbLength)
    assert (ucb.arms, ucb.exploration, ucb.maximum_length) == (7, 2, 7)
    exp3 = build_policy(parse_algorithm("banditspec-exp3:arms=3,rate=0.5,exploration=0.1,seed=9"))
    assert isinstance(exp3, Exp3Length)
    assert (exp3.arms, exp3.rate, exp3.exploration) == (3, 0.5, 0.1)


def test_each_call_builds_a_fresh_policy():
    spec = parse_algorithm("adaedl")
    assert build_policy(spec) is not build_policy(spec)


@pytest.mark.parametrize(
    ("text", "provenance"),
    [
        ("fixed:4", "given"),
        ("fixed:length=4", "given"),
        ("svip", "published"),
        ("svip:h=0.3", "given"),
        ("svip:calibrated", "calibrated"),
        ("specdecpp", "published"),
        ("specdecpp:lag=0", "given"),
        ("specdecpp:calibrated=6", "calibrated"),
        ("banditspec-exp3:seed=3", "given"),
        ("adaedl:gamma=0.2,calibrated=5.5", "calibrated"),
    ],
)
def test_provenance_and_round_trip(text, provenance):
    spec = parse_algorithm(text)
    assert spec.provenance == provenance
    assert parse_algorithm(str(spec)) == spec


def test_text_is_short():
    assert str(parse_algorithm("fixed:length=4.0")) == "fixed:4"
    assert str(parse_algorithm("adaedl:lambda=0.8,gamma=0.2")) == "adaedl:gamma=0.2,lambda=0.8"
    assert str(parse_algorithm("svip:calibrated")) == "svip:calibrated=4"


@given(st.floats(1e-9, 1e6), st.floats(0, 1), st.none() | st.floats(1, 100))
def test_any_numbers_survive_the_round_trip(gamma, threshold, mean_length):
    text = f"adaedl:gamma={gamma!r},lambda={threshold!r}"
    spec = parse_algorithm(text if mean_length is None else f"{text},calibrated={mean_length!r}")
    assert parse_algorithm(str(spec)) == spec
    assert spec.parameters["gamma"] == gamma


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fixed", "needs its length"),
        ("fixed:0", "at least 1"),
        ("fixed:-3", "at least 1"),
        ("fixed:2.5", "must be whole"),
        ("fixed:four", "not a number"),
        ("fixed:nan", "not a number"),
        ("fixed:inf", "not a number"),
        ("fixed:1e9", "at most 1024"),
        ("fixed:4,5", "stated twice"),
        ("fixed:4,length=5", "stated twice"),
        ("fixed:calibrated", "no threshold to calibrate"),
        ("fixed:", "a parameter is missing"),
        ("svip:h=0", "above 0"),
        ("svip:h=-1", "above 0"),
        ("svip:h=", "not a number"),
        ("svip:0.5", "has no value"),
        ("svip:maximum=0", "at least 1"),
        ("svip:calibrated=0.5", "at least 1 token"),
        ("svip:calibrated=long", "not a number"),
        ("adaedl:lambda=1.5", "at most 1"),
        ("adaedl:lambda=-0.1", "at least 0"),
        ("adaedl:gamma=0", "above 0"),
        ("adaedl:inertia=1.5", "at most 1"),
        ("specdecpp:h=0", "above 0"),
        ("specdecpp:h=1.5", "at most 1"),
        ("specdecpp:lag=2", "at most 1"),
        ("specdecpp:minimum=0", "at least 1"),
        ("specdecpp:minimum=6,maximum=5", "minimum=6 is above maximum=5; lower the one or raise the other"),
        ("banditspec-ucb:arms=0", "at least 1"),
        ("banditspec-ucb:arms=2.5", "must be whole"),
        ("banditspec-ucb:exploration=-1", "at least 0"),
        ("banditspec-ucb:calibrated", "no threshold to calibrate"),
        ("banditspec-exp3:exploration=1.1", "at most 1"),
        ("banditspec-exp3:seed=-1", "at least 0"),
        ("adaedl:gamma=0.2,,lambda=0.8", "a parameter is missing"),
    ],
)
def test_bad_numbers_are_refused_with_the_cause(text, message):
    with pytest.raises(AhasdError, match=message):
        parse_algorithm(text)


def test_unknown_names_are_refused_with_a_suggestion():
    with pytest.raises(UnknownNameError, match=r"unknown algorithm 'svpi'.*Did you mean 'svip'"):
        parse_algorithm("svpi")
    with pytest.raises(UnknownNameError, match=r"unknown parameter of adaedl 'gama'.*Did you mean 'gamma'"):
        parse_algorithm("adaedl:gama=0.2")
    with pytest.raises(UnknownNameError, match="unknown algorithm ''"):
        parse_algorithm("")


def test_every_algorithm_has_a_line_about_it():
    assert (
        list(algorithm_descriptions())
        == algorithm_names()
        == [
            "fixed",
            "specdecpp",
            "svip",
            "adaedl",
            "banditspec-ucb",
            "banditspec-exp3",
            "goodput",
        ]
    )
    assert all(algorithm_descriptions().values())


def test_a_policy_is_not_built_before_calibration():
    with pytest.raises(AhasdError, match="h is calibrated on a trace"):
        build_policy(parse_algorithm("svip:calibrated"))
