"""Synthetic traces show the acceptance and the AUC that were asked for."""

from statistics import NormalDist

import numpy as np
import pytest

from ahasd import __version__
from ahasd.errors import AhasdError, UnknownNameError
from ahasd.traces.rollout.statistics import expected_auc, summarize
from ahasd.traces.rollout.synthetic import parse_synthetic, synthesize
from ahasd.traces.rollout.walk import TraceWalk


def counted_auc(entropy: np.ndarray, accepted: np.ndarray) -> float:
    """Count the pairs (accepted, rejected) in which the accepted token has the lower entropy."""
    low, high = np.sort(entropy[accepted]), np.sort(entropy[~accepted])
    below = np.searchsorted(low, high, side="left").sum()
    not_above = np.searchsorted(low, high, side="right").sum()
    return float(below + not_above) / 2 / (len(low) * len(high))


@pytest.mark.parametrize(
    ("acceptance", "auc"), [(0.8, 0.7), (0.6, 0.58), (0.85, 0.76), (0.5, 0.95), (0.3, 0.4), (0.97, 0.6)]
)
def test_redrawn_coins_have_the_mean_and_the_auc_asked_for(acceptance: float, auc: float) -> None:
    trace = synthesize(acceptance, auc)
    statistics = summarize(trace)
    assert statistics.acceptance_conditional == pytest.approx(acceptance, abs=1e-4)
    assert statistics.auc_low_entropy == pytest.approx(auc, abs=5e-4)
    entropy = trace.entropy.astype(float)
    for coins in (TraceWalk(trace, 0).coin_set(0).coins, trace.accepted.astype(bool)):
        # Four standard errors over 128,000 tokens: of a share, and of an AUC (at most √(1/(12·n_rarer))·2).
        assert coins.mean() == pytest.approx(acceptance, abs=4 * 0.5 / 128_000**0.5)
        rarer = 128_000 * min(acceptance, 1 - acceptance)
        assert counted_auc(entropy, coins) == pytest.approx(auc, abs=4 * (3 * rarer) ** -0.5)


def test_the_latent_is_the_equal_variance_binormal_model() -> None:
    # Undoing the entropy's map: among the accepted the latent is N(−d/2, 1), among the rejected N(d/2, 1).
    trace = synthesize(acceptance=0.7, auc=0.8, positions=4000)
    d = 2**0.5 * NormalDist().inv_cdf(0.8)
    share = trace.entropy.astype(float) / 10
    latent = (np.log(share / (1 - share)) + 1.5) / 0.6
    weight = trace.acceptance_probability.astype(float)
    for weights, mean in [(weight, -d / 2), (1 - weight, d / 2)]:
        assert np.average(latent, weights=weights) == pytest.approx(mean, abs=0.01)
        assert np.average((latent - mean) ** 2, weights=weights) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("acceptance", [0.0, 0.25, 0.8, 1.0])
def test_an_auc_of_one_half_gives_independent_identical_coins(acceptance: float) -> None:
    trace = synthesize(acceptance, auc=0.5, positions=200)
    assert (trace.acceptance_probability == np.float16(acceptance)).all()
    assert len(np.unique(trace.entropy)) > 1000


def test_the_seed_decides_and_the_shape_is_as_asked() -> None:
    one = synthesize(positions=100, steps=5, prompts=7, seed=1)
    assert (one.positions, one.steps, one.prompts) == (100, 5, 7)
    assert set(np.diff(one.prompt_start).tolist()) == {14, 15}
    assert one.sha256 == synthesize(positions=100, steps=5, prompts=7, seed=1).sha256
    assert (one.entropy != synthesize(positions=100, steps=5, prompts=7, seed=2).entropy).any()


def test_the_header_says_that_it_is_synthetic_and_how_it_was_made() -> None:
    trace = synthesize(0.6, 0.8, positions=100, steps=5, prompts=7, seed=3)
    header = trace.header
    assert (header.draft, header.target, header.mode) == ("synthetic", "synthetic", "sampled")
    assert (header.temperature, header.seed, header.tool_version) == (1.0, 3, __version__)
    assert header.synthetic
    assert synthesize(0.6, 0.8, positions=100, steps=5, prompts=7, seed=3).header == header
    np.testing.assert_array_equal(trace.target_entropy, trace.entropy[:, 0])
    np.testing.assert_allclose(trace.draft_probability, np.exp(-trace.entropy.astype(float)), atol=1e-3)


def test_a_single_token_trace_can_be_made() -> None:
    assert synthesize(0.8, 0.7, positions=1, steps=1, prompts=1).positions == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"acceptance": 1.2}, "acceptance is 1.2"),
        ({"acceptance": float("nan")}, "acceptance is nan"),
        ({"auc": 1.0}, "auc is 1.0"),
        ({"auc": -0.1}, "auc is -0.1"),
        ({"acceptance": 1.0, "auc": 0.7}, "nothing for entropy to predict"),
        ({"acceptance": 0.0, "auc": 0.7}, "nothing for entropy to predict"),
        ({"steps": 0}, "steps is 0"),
        ({"positions": 0}, "positions is 0"),
        ({"prompts": 0}, "prompts is 0"),
        ({"positions": 3, "prompts": 4}, "4 prompts need as many positions"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_what_no_trace_has_is_refused(arguments: dict[str, float], message: str) -> None:
    with pytest.raises(AhasdError, match=message):
        synthesize(**arguments)  # type: ignore[arg-type]


def test_the_text_form_names_the_same_trace() -> None:
    parsed = parse_synthetic("synthetic:acceptance=0.6, auc=0.8,positions=50,steps=4,prompts=2,seed=3")
    assert parsed.sha256 == synthesize(0.6, 0.8, 50, 4, 2, 3).sha256
    assert parse_synthetic(parsed.header.prompts).sha256 == parsed.sha256
    assert (
        parse_synthetic("synthetic:positions=50,prompts=2").sha256
        == synthesize(positions=50, prompts=2).sha256
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("synthetic:acceptance=high", "acceptance is 'high'; must be a number"),
        ("synthetic:positions=8e3", "positions is '8e3'; must be an integer"),
        ("synthetic:auc=0.6,auc=0.7", "auc is given twice"),
        ("synthetic:auc", "auc is ''"),
        ("synthetics", "not a synthetic trace"),
    ],
)
def test_a_malformed_text_is_refused(text: str, message: str) -> None:
    with pytest.raises(AhasdError, match=message):
        parse_synthetic(text)


def test_an_unknown_key_lists_the_valid_ones() -> None:
    with pytest.raises(
        UnknownNameError, match=r"'acceptence'.*'acceptance'.*auc, positions, prompts, seed, steps"
    ):
        parse_synthetic("synthetic:acceptence=0.8")


def test_the_auc_of_ties_and_of_one_class() -> None:
    entropy, certain = np.array([1.0, 2.0, 2.0, 3.0]), np.array([1.0, 1.0, 0.0, 0.0])
    assert expected_auc(entropy, certain) == 3.5 / 4  # one pair of four is a tie
    assert expected_auc(entropy, 1 - certain) == 0.5 / 4
    assert expected_auc(entropy, np.ones(4)) is None
    assert expected_auc(np.ones(4), certain) == 0.5
