"""What trees are foretold to do: right guesses at flat costs save passes, wrong ones are stopped."""

import pytest

from ahasd.decoding.prompts.prompt_files import Prompt
from ahasd.decoding.tiny_pair import load_tiny_pair
from ahasd.decoding.trees.build_tree_decoder import build_guesser
from ahasd.decoding.trees.guessing.guesser import RowGuess, TreeGuesser
from ahasd.decoding.trees.pass_costs import PassCosts
from ahasd.prediction.trees import tree_forecast
from ahasd.prediction.trees.tree_forecast import tree_forecasts

PROMPTS = [Prompt("1", "code", ("def main(self):\n",)), Prompt("2", "code", ("import os\n",))]
TOKENS = 24


@pytest.fixture(scope="module")
def target():
    return load_tiny_pair("distilled")[0]


class Always(TreeGuesser):
    """Always right, or always wrong, two tokens deep."""

    name, depth, top = "always", 2, 1
    reads_states, along_path, is_free = False, False, False
    prior = ((0.5,), (0.5,))

    def __init__(self, target, right):
        from ahasd.decoding import SpeculativeDecoder

        alone = SpeculativeDecoder(target, method="autoregressive")
        self.texts = []
        for prompt in PROMPTS:
            ids = target.tokenizer(prompt.text)["input_ids"]
            self.texts.append([*ids, *alone.generate(ids, max_new_tokens=TOKENS + 4).new_tokens[0]])
        self.right = right

    def start(self, rows):
        pass

    def read(self, row, tokens, states):
        pass

    def guess(self, texts, depth, goes_on=None):
        found = []
        for text in texts:
            whole = next((known for known in self.texts if known[: len(text)] == list(text)), [*text, 0, 0])
            following = whole[len(text) : len(text) + depth]
            if not self.right:
                following = [(token + 1) % 1000 for token in following]
            found.append(RowGuess([[token] for token in following], [[0.5]] * depth))
        return found

    def select(self, rows):
        pass


@pytest.fixture
def flat(monkeypatch):
    monkeypatch.setattr(tree_forecast, "measure", lambda passes: PassCosts({1: 1.0, 2: 1.0, 4: 1.0, 8: 1.0}))
    monkeypatch.setattr(tree_forecast, "measure_guesses", lambda *given: {1: (0.0, 0.05, 0.1)})


def test_right_guesses_save_two_passes_of_three(target, flat):
    found = tree_forecasts(target, Always(target, True), PROMPTS, TOKENS, 0.0, ["chain:2"])[0]
    # 24 tokens in 8 rounds of 1.1 s each, against 24 passes of 1 s.
    assert found.tokens_per_pass == pytest.approx(3.0)
    assert found.speedup.mean == pytest.approx(24 / (8 * 1.1), rel=0.02)
    assert found.pays


def test_wrong_guesses_cost_what_they_take(target, flat):
    found = tree_forecasts(target, Always(target, False), PROMPTS, TOKENS, 0.0, ["chain:2"])[0]
    assert found.tokens_per_pass == 1.0
    # The last round of a text has room for one token, so nothing is guessed.
    assert found.speedup.mean == pytest.approx(24 / (23 * 1.1 + 1), rel=0.01)
    assert found.pays is False


def test_nothing_is_foretold_of_guesses_that_are_copied(target):
    assert tree_forecasts(target, build_guesser(target, "lookup"), PROMPTS, TOKENS, 0.0) == []
