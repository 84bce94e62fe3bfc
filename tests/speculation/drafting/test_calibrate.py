import numpy as np
import pytest

from ahasd.errors import AhasdError
from ahasd.speculation.drafting.calibrate import calibrate, mean_draft_length
from ahasd.speculation.drafting.specification import build_policy, parse_algorithm
from ahasd.traces.rollout.walk import DraftSignals


def replayed_mean_length(spec, trace):
    """Run the real policy, row by row."""
    lengths = []
    for entropies, predictions in zip(trace.entropy, trace.predicted_acceptance, strict=True):
        policy = build_policy(spec)  # fresh, so that nothing adapts
        policy.start(0)
        seen = zip(entropies.tolist(), predictions.tolist(), strict=True)
        length = next(
            (
                step
                for step, (entropy, predicted) in enumerate(seen, start=1)
                if policy.should_stop(DraftSignals(entropy, 0.5, predicted))
            ),
            len(entropies),
        )
        lengths.append(length)
    return np.mean(lengths)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("svip:calibrated", 4),
        ("svip:calibrated=1.5", 1.5),
        ("svip:calibrated=9", 9),
        ("svip:calibrated=3,maximum=5", 3),
        ("adaedl:calibrated", 4),
        ("adaedl:calibrated=6,lambda=0.5", 6),
        ("adaedl:calibrated=6,gamma=0.05", 6),
        ("specdecpp:calibrated", 4),
        ("specdecpp:calibrated=7,lag=0", 7),
        ("specdecpp:calibrated=5,minimum=4,maximum=9", 5),
    ],
)
def test_the_policy_drafts_the_stated_length_on_the_held_out_prompts(random_trace, text, length):
    spec = calibrate(parse_algorithm(text), random_trace)
    held_out, _ = random_trace.split_prompts()
    assert spec.provenance == "calibrated"
    assert replayed_mean_length(spec, held_out) == pytest.approx(length, rel=0.01)
    assert mean_draft_length(spec, held_out) == pytest.approx(replayed_mean_length(spec, held_out))


def test_the_parameter_that_is_left_open_is_calibrated(random_trace):
    by_gamma = calibrate(parse_algorithm("adaedl:calibrated=6"), random_trace)
    assert by_gamma.parameters["lambda"] == 0.8
    assert by_gamma.parameters["gamma"] != 0.2
    by_lambda = calibrate(parse_algorithm("adaedl:calibrated=6,gamma=0.05"), random_trace)
    assert by_lambda.parameters["gamma"] == 0.05
    assert by_lambda.parameters["lambda"] != 0.8
    # Both stop above the same entropy, (1 − λ)² / γ, within the gap between two entropies of the trace.
    stops = [
        (1 - spec.parameters["lambda"]) ** 2 / spec.parameters["gamma"] for spec in (by_gamma, by_lambda)
    ]
    assert stops[0] == pytest.approx(stops[1], rel=0.01)


def test_a_calibrated_specification_survives_as_text_and_is_not_calibrated_again(random_trace):
    for text in (
        "specdecpp:calibrated=5",
        "svip:calibrated=5",
        "adaedl:calibrated=5",
        "adaedl:calibrated=5,gamma=0.1",
    ):
        spec = calibrate(parse_algorithm(text), random_trace)
        again = parse_algorithm(str(spec))
        assert again == spec
        assert calibrate(again, random_trace) == spec
        build_policy(again)


def test_only_held_out_prompts_and_only_entropies_are_looked_at(trace_of):
    entropy = np.random.default_rng(1).exponential(1.0, size=(400, 16)).clip(0, 12)
    other = entropy.copy()
    other[50:200] = 11.0  # prompts 1–3 of 8; held out are 0 and 4
    spec = parse_algorithm("svip:calibrated=5")
    expected = calibrate(spec, trace_of(entropy))
    assert calibrate(spec, trace_of(other)) == expected
    assert calibrate(spec, trace_of(entropy, acceptance=0.9)) == expected


def test_longer_drafts_need_a_higher_threshold(random_trace):
    thresholds = [
        calibrate(parse_algorithm(f"svip:calibrated={length}"), random_trace).parameters["h"]
        for length in (2, 4, 8, 12)
    ]
    assert thresholds == sorted(set(thresholds))


def test_an_unreachable_length_is_refused_with_the_range(random_trace):
    with pytest.raises(AhasdError, match=r"length of 17 tokens.*16 steps per row.*range is 1\.00 to 16\.00"):
        calibrate(parse_algorithm("svip:calibrated=17"), random_trace)
    with pytest.raises(AhasdError, match=r"maximum 5.*1\.00 to 5\.00"):
        calibrate(parse_algorithm("svip:calibrated=6,maximum=5"), random_trace)


def test_a_length_below_the_minimum_is_refused(random_trace):
    with pytest.raises(AhasdError, match=r"no h gives a mean draft length of 2.*range is 3\.00 to 16\.00"):
        calibrate(parse_algorithm("specdecpp:calibrated=2,minimum=3"), random_trace)


def test_a_trace_without_predictions_cannot_calibrate_specdecpp(trace_of):
    with pytest.raises(AhasdError, match="no predicted acceptance to calibrate on"):
        calibrate(parse_algorithm("specdecpp:calibrated"), trace_of(np.ones((80, 16))))


def test_a_length_between_two_possible_ones_is_refused(trace_of):
    # All entropies equal: batches of 1 or of 16, nothing between.
    with pytest.raises(AhasdError, match="no h gives"):
        calibrate(parse_algorithm("svip:calibrated=4"), trace_of(np.ones((80, 16))))


def test_nothing_to_calibrate_leaves_the_specification_alone(random_trace):
    for text in ("fixed:4", "svip", "adaedl:gamma=0.1"):
        assert calibrate(parse_algorithm(text), random_trace) == parse_algorithm(text)
    with pytest.raises(AhasdError, match="no threshold yet"):
        mean_draft_length(parse_algorithm("fixed:4"), random_trace)
