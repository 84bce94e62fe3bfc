"""What a routing trace holds is what the model's routers did."""

import numpy as np
import pytest
import torch

from ahasd.decoding.experts.routed_layers import routed_layers
from ahasd.decoding.models.language_model import LanguageModel
from ahasd.decoding.models.transformers_runner import TransformersRunner
from ahasd.decoding.prompts.prompt_files import Prompt
from ahasd.decoding.recording.continuation import continue_prompt
from ahasd.decoding.recording.routing_recorder import record_routing
from ahasd.decoding.recording.settings import RecordSettings
from ahasd.errors import AhasdError

from .experts.mixtures import KINDS, save_mixture, whole

PROMPTS = [Prompt("1", "", ("import os\n",)), Prompt("2", "", ("class Reader:\n",))]
TOKENS = 10


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return whole(save_mixture(tmp_path_factory.mktemp("models") / "mixtral"))


def record(model, **given):
    return record_routing(model, PROMPTS, mode="sampled", tokens_per_prompt=TOKENS, seed=5, **given)


def texts(model):
    settings = RecordSettings("sampled", tokens_per_prompt=TOKENS, seed=5)
    runner = TransformersRunner(model)
    with torch.inference_mode():
        return [
            continue_prompt(runner, model.tokenizer(prompt.text)["input_ids"], index, 1024, settings)
            for index, prompt in enumerate(PROMPTS)
        ]


def test_scores_and_choices_are_those_of_transformers_for_the_whole_text_at_once(model):
    trace = record(model)
    for index, text in enumerate(texts(model)):
        rows = slice(trace.prompt_start[index], trace.prompt_start[index + 1])
        assert trace.continuation_start[index] - rows.start == len(text.prompt)
        assert rows.stop - rows.start == len(text.prompt) + TOKENS - 1
        with torch.no_grad():
            outputs = model.model(torch.tensor([text.consumed]), output_router_logits=True)
        for layer, logits in enumerate(outputs.router_logits):
            expected = logits.softmax(-1)
            np.testing.assert_allclose(trace.scores[rows, layer], expected, atol=2e-3)
            assert np.array_equal(trace.chosen[rows, layer], expected.topk(2).indices)


def test_ahead_is_what_the_later_gates_make_of_this_layers_hidden_state(model):
    trace = record(model, ahead=2)
    layers = routed_layers(model.model, "model")
    hidden = {}
    hooks = [
        layer.router.register_forward_pre_hook(lambda _m, inputs, row=row: hidden.update({row: inputs[0]}))
        for row, layer in enumerate(layers)
    ]
    with torch.no_grad():
        model.model(torch.tensor([texts(model)[0].consumed]))
    for hook in hooks:
        hook.remove()
    rows = slice(0, trace.prompt_start[1])
    for row in range(3):
        for depth in (1, 2):
            found = trace.ahead[rows, row, depth - 1]
            if row + depth > 2:
                assert np.all(found == -1)
            else:
                seen = hidden[row].reshape(-1, 32) @ layers[row + depth].router.weight.T
                assert np.array_equal(found, seen.topk(2).indices)


@pytest.mark.parametrize("kind", KINDS)
def test_every_layout_of_a_mixture_is_recorded(tmp_path, kind):
    model = whole(save_mixture(tmp_path / kind, kind))
    trace = record(model)
    assert trace.experts == 6
    assert trace.header.layers == ((1, 2) if kind.startswith("deepseek") else (0, 1, 2))
    if kind not in ("deepseek_v3",):  # chooses by scores and a bias
        best = np.sort(trace.scores, axis=2)[:, :, ::-1][:, :, :2]
        taken = np.take_along_axis(trace.scores, trace.chosen.astype(int), axis=2)
        np.testing.assert_array_equal(taken, best)


def test_the_highest_scores_alone_can_be_kept(model):
    every, best = record(model), record(model, top=3)
    assert best.scores.shape[2] == 3
    np.testing.assert_array_equal(np.take_along_axis(every.scores, best.ids.astype(int), axis=2), best.scores)


def test_an_interrupted_recording_goes_on_and_gives_the_same_trace(model, tmp_path):
    expected, done = record(model), []

    class CutError(Exception):
        pass

    def cut(count, total):
        done.append(count)
        if len(done) == 1:
            raise CutError

    path = tmp_path / "unfinished"
    with pytest.raises(CutError):
        record(model, checkpoint=path, progress=cut)
    assert record(model, checkpoint=path).sha256 == expected.sha256
    with pytest.raises(AhasdError, match="another layers to look ahead"):
        record(model, checkpoint=path, ahead=1)


def test_recording_leaves_the_model_as_it_was(model):
    def hooks():  # transformers leaves some of its own
        return [list(layer.router._forward_hooks) for layer in routed_layers(model.model, "model")]

    before = hooks()
    record(model)
    assert hooks() == before


def test_a_dense_model_has_no_routing(target):
    with pytest.raises(AhasdError, match="no layer that routes tokens to experts"):
        record(target)


@pytest.mark.parametrize(
    ("given", "message"),
    [({"top": 1}, "must be 2"), ({"top": 7}, r"to 6 \(experts\)"), ({"ahead": 4}, "must be 0 to 3")],
)
def test_settings_out_of_range_are_refused(model, given, message):
    with pytest.raises(AhasdError, match=message):
        record(model, **given)


def test_a_model_without_a_name_of_its_own_is_recorded_from_memory(model):
    named = LanguageModel("mine", model.model, model.tokenizer)
    assert record(named).header.model == "mine"
