"""Options that say how weights and caches are kept, and what a result tells of it."""

import pytest

from ahasd.errors import AhasdError
from ahasd.speculation.configuration import RunConfiguration, freeze, resolve
from ahasd.speculation.run import SpeculationRun, simulate
from ahasd.workload.passes import weight_bytes

PAIR = {"pair": "opt-1.3b:opt-6.7b", "tokens": 8, "trace": "synthetic:acceptance=0.8,auc=0.7"}


def resolved(**values):
    return resolve(RunConfiguration.checked(**PAIR | values))


def test_draft_and_target_may_have_formats_of_their_own() -> None:
    found = resolved(weight_format="q8_0:q4_0", system="npu")
    draft, target = (weight_bytes(spec, found.precision) for spec in (found.pair.draft, found.pair.target))
    assert draft == pytest.approx(found.pair.draft.parameters * 8.5 / 8, rel=1e-3)
    assert target == pytest.approx(found.pair.target.parameters * 4.5 / 8, rel=1e-3)


def test_a_plain_width_goes_before_what_a_model_says() -> None:
    given = resolved(weight_format="q4_0").pair
    models = {"draft": given.draft, "target": given.target}
    plain = resolve(RunConfiguration.checked(**PAIR | {"models": models, "weight_bits": 16}))
    assert plain.pair.target.stored_weights is None
    assert weight_bytes(plain.pair.target, plain.precision) == 2 * plain.pair.target.parameters
    assert resolve(RunConfiguration.checked(**PAIR | {"models": models})).pair == given


def test_without_a_word_of_formats_a_result_has_none_and_a_configuration_says_eight_bits() -> None:
    run = SpeculationRun(resolved(system="npu"))
    assert run.frozen().weight_bits == 8
    document = run.result(search_break_even=False).model_dump(mode="json")
    assert "weights" not in document
    assert document == SpeculationRun(resolved(system="npu", weight_bits=8)).result(False).model_dump(
        mode="json"
    )


def test_a_result_names_format_bits_and_parameters() -> None:
    run = SpeculationRun(resolved(weight_format="q8_0:q4_0", system="npu", kv_format="f16"))
    result = run.result(search_break_even=False)
    target = result.weights["target"]
    assert (target.format, target.parameters) == ("q4_0", resolved().pair.target.parameters)
    assert target.bits_per_weight == pytest.approx(4.5, abs=0.01)
    assert target.parts["attention"] == 4.5
    assert target.held_bytes == target.bytes
    assert f"{target.parameters:,} parameters" in result.groups()["Weights"]["target"]
    assert any("keys and values: f16" in note for note in result.notes)
    assert result.model_dump(mode="json")["weights"]["draft"]["format"] == "q8_0"


def test_ranks_that_compute_hold_words_and_the_result_says_so() -> None:
    result = simulate(**PAIR | {"weight_format": "q8_0:q6_k", "system": "ahasd"})
    assert result.weights["target"].held_bytes > result.weights["target"].bytes
    assert result.weights["draft"].held_bytes == result.weights["draft"].bytes
    assert any("what target have in other widths" in note for note in result.notes)


def test_a_frozen_configuration_repeats_the_formats() -> None:
    found = resolved(weight_format="q8_0:q4_0", kv_format="q8_0", activation_bits=16)
    frozen = freeze(found)
    assert frozen.weight_bits is None
    again = resolve(RunConfiguration.checked(**frozen.model_dump(mode="json")))
    assert (again.pair, again.precision) == (found.pair, found.precision)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"weight_bits": 4, "weight_format": "q4_0"}, "weight_bits and weight_format"),
        ({"kv_bits": 16, "kv_format": "f16"}, "kv_bits and kv_format"),
        ({"weight_format": "q4_0:q4_0:q4_0"}, "DRAFT:TARGET"),
        ({"weight_format": "q4_9"}, "unknown weight format"),
        ({"kv_format": "q2_k"}, "kv_format"),
    ],
)
def test_options_that_contradict_or_are_none_are_refused(values: dict, message: str) -> None:
    with pytest.raises(AhasdError, match=message):
        resolved(**values)
