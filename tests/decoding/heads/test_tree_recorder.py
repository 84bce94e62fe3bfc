"""Tree traces of a real run."""

import numpy as np
import pytest
import torch

from ahasd.decoding.prompts.prompt_files import Prompt
from ahasd.decoding.recording.tree_recorder import record_tree
from ahasd.decoding.trees.build_tree_decoder import build_guesser
from ahasd.errors import AhasdError

from .made_heads import make_medusa, make_one_layer

PROMPTS = [Prompt("1", "code", ("def main(self):\n",)), Prompt("2", "code", ("import os\n",))]


@pytest.fixture(params=[make_medusa, make_one_layer], ids=["medusa", "one-layer"])
def guesser(request, target, tmp_path):
    return build_guesser(target, request.param(tmp_path, target))


def test_a_trace_holds_what_the_text_took_and_what_was_guessed(target, guesser):
    trace = record_tree(target, guesser, PROMPTS, mode="greedy", tokens_per_prompt=9, early_layers=(1,))
    starts = trace.prompt_start.tolist()
    assert (trace.positions, trace.heads, trace.top, trace.prompts) == (starts[-1], 4, 3, 2)
    ids = target.tokenizer(PROMPTS[0].text)["input_ids"]
    text = list(ids)
    with torch.no_grad():
        for _ in range(9):
            text.append(int(target.model(torch.tensor([text])).logits[0, -1].argmax()))
        found = target.model.model(torch.tensor([text]), output_hidden_states=True)
        early = target.model.lm_head(target.model.model.norm(found.hidden_states[1][0]))
    new = text[len(ids) :]
    for point in range(starts[1]):
        expected = new[point + 1 : point + 5]
        assert trace.taken[point].tolist() == [*expected, *[-1] * (4 - len(expected))]
        place = len(ids) + point
        assert trace.early[point, 0, 0] == early[place].argmax()
        guesser.start(1)
        guesser.read(0, text[:place], found.last_hidden_state[0, :place])
        guess = guesser.guess([text[: place + 1]], 4)[0]
        assert trace.candidates[point].tolist() == guess.candidates
        np.testing.assert_allclose(trace.probability[point], guess.probability, atol=1e-3)


def test_a_recording_goes_on_where_it_stopped(target, guesser, tmp_path):
    whole = record_tree(target, guesser, PROMPTS, mode="sampled", tokens_per_prompt=8, seed=3)
    path = tmp_path / "unfinished"

    class StopError(Exception):
        pass

    def stop(done, total):
        raise StopError

    with pytest.raises(StopError):
        record_tree(
            target,
            guesser,
            PROMPTS,
            mode="sampled",
            tokens_per_prompt=8,
            seed=3,
            progress=stop,
            checkpoint=path,
        )
    again = record_tree(
        target, guesser, PROMPTS, mode="sampled", tokens_per_prompt=8, seed=3, checkpoint=path
    )
    assert again.sha256 == whole.sha256


def test_what_cannot_be_recorded_is_refused(target, guesser):
    with pytest.raises(AhasdError, match="no prompts"):
        record_tree(target, guesser, [], mode="greedy")
    with pytest.raises(AhasdError, match="early layers"):
        record_tree(target, guesser, PROMPTS, mode="greedy", early_layers=(99,))
    with pytest.raises(AhasdError, match="record heads"):
        record_tree(target, build_guesser(target, "lookup"), PROMPTS, mode="greedy")
