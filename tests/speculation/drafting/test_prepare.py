"""Where a trace has no acceptance head: a predictor fitted on held-out prompts, and labelled so."""

from dataclasses import replace

import numpy as np
import pytest

from ahasd.errors import AhasdError
from ahasd.speculation.drafting.predictor import REJECTION_WEIGHT, fit_predictor
from ahasd.speculation.drafting.prepare import prepare
from ahasd.speculation.drafting.specification import parse_algorithm
from ahasd.traces.rollout.statistics import expected_auc
from ahasd.traces.rollout.synthetic import synthesize
from ahasd.traces.shipped import load_shipped


def weighted(probability):
    """What a predictor that weighs rejections says of a known probability."""
    return probability / (probability + REJECTION_WEIGHT * (1 - probability))


def test_a_known_logistic_model_is_recovered(trace_of):
    random = np.random.default_rng(0)
    entropy = random.exponential(1.5, size=(4000, 16)).clip(0, 10).astype(np.float16)
    probability = random.uniform(0.05, 1, size=entropy.shape).astype(np.float16)
    step = np.arange(16)
    logit = 1.5 - 0.8 * entropy.astype(float) + 2.0 * probability.astype(float) - 0.05 * step
    acceptance = 1 / (1 + np.exp(-logit))
    trace = trace_of(entropy, acceptance=acceptance, probability=probability)
    # Weighing rejections by w subtracts ln w from the logit: still a logistic model.
    np.testing.assert_allclose(fit_predictor(trace).predict(trace), weighted(acceptance), atol=2e-3)


@pytest.mark.parametrize("acceptance", [0.0, 0.3, 1.0])
def test_without_anything_to_see_it_says_the_mean(trace_of, acceptance):
    trace = trace_of(np.ones((80, 16)), acceptance=acceptance)
    np.testing.assert_allclose(fit_predictor(trace).predict(trace), weighted(acceptance), atol=5e-3)


def test_no_direction_is_left_in_which_the_loss_falls(trace_of):
    trace = synthesize(0.7, auc=0.8, positions=400)
    fitted = fit_predictor(trace)
    label = trace.acceptance_probability.astype(float)

    def loss(coefficients):
        x = np.clip(replace(fitted, coefficients=coefficients).predict(trace).astype(float), 1e-6, 1 - 1e-6)
        return -(label * np.log(x) + REJECTION_WEIGHT * (1 - label) * np.log(1 - x)).mean()

    for index in range(4):
        for change in (-0.1, 0.1):
            moved = fitted.coefficients.copy()
            moved[index] += change
            assert loss(moved) > loss(fitted.coefficients)


@pytest.mark.parametrize("greedy", [False, True])
def test_it_foretells_the_prompts_that_it_was_not_fitted_on(greedy):
    trace = load_shipped("tiny-plain-greedy" if greedy else "tiny-plain-sampled")
    bare = replace(trace, predicted_acceptance=None)
    prepared = prepare(parse_algorithm("specdecpp"), bare)
    replayed = prepared.trace
    acceptance = replayed.acceptance_probability.astype(float)
    entropy_alone = expected_auc(replayed.entropy.astype(float), acceptance)
    fitted = expected_auc(-replayed.predicted_acceptance.astype(float), acceptance)
    assert fitted > max(0.55, entropy_alone)


def test_the_label_says_that_a_predictor_was_fitted():
    trace = synthesize(0.8, positions=400)
    for text, numbers in {
        "specdecpp": "published",
        "specdecpp:h=0.4": "given",
        "specdecpp:calibrated=5": "calibrated",
    }.items():
        spec = prepare(parse_algorithm(text), trace).algorithm
        assert spec.provenance == f"{numbers}, predictor fitted on held-out prompts"
        assert spec.numbers_from == numbers
        assert parse_algorithm(str(spec)) == spec
    replayed = prepare(parse_algorithm("specdecpp"), trace).trace
    assert "logistic regression fitted on held-out prompts" in replayed.header.notes


def test_what_was_looked_at_is_not_replayed():
    trace = synthesize(0.8, positions=400)
    _, rest = trace.split_prompts()
    replayed = prepare(parse_algorithm("specdecpp"), trace).trace
    np.testing.assert_array_equal(replayed.entropy, rest.entropy)
    # Only held-out prompts shape the predictor: changing another prompt changes no prediction elsewhere.
    acceptance = trace.acceptance_probability.copy()
    acceptance[trace.prompt_start[1] : trace.prompt_start[2]] = 0
    other = prepare(parse_algorithm("specdecpp"), replace(trace, acceptance_probability=acceptance)).trace
    np.testing.assert_array_equal(other.predicted_acceptance, replayed.predicted_acceptance)


def test_a_trace_with_a_head_is_replayed_whole(random_trace):
    prepared = prepare(parse_algorithm("specdecpp"), random_trace)
    assert prepared.trace is random_trace
    assert prepared.algorithm.provenance == "published"
    calibrated = prepare(parse_algorithm("specdecpp:calibrated=5"), random_trace)
    assert calibrated.algorithm.provenance == "calibrated"
    assert calibrated.trace.positions == random_trace.split_prompts()[1].positions


def test_other_algorithms_need_no_prediction():
    trace = synthesize(0.8, positions=40, prompts=1)
    for text in ("fixed:4", "svip", "adaedl", "banditspec-ucb", "banditspec-exp3"):
        assert prepare(parse_algorithm(text), trace).trace is trace


def test_a_single_prompt_leaves_none_to_fit_on():
    trace = synthesize(0.8, positions=40, prompts=1)
    with pytest.raises(
        AhasdError, match=r"'specdecpp' needs predicted acceptances.*Use a trace recorded with"
    ):
        prepare(parse_algorithm("specdecpp"), trace)
