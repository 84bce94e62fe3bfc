"""A guesser that knows what the target will write, and is wrong as often as it is told."""

import numpy as np

from ahasd.decoding.trees.guessing.guesser import RowGuess, TreeGuesser


class KnowingGuesser(TreeGuesser):
    """The right token stands at a drawn rank of each depth, or nowhere.

    Parameters
    ----------
    texts
        Whole texts, by their first tokens (the prompts, which differ).
    """

    name, depth, top = "knowing", 4, 3
    reads_states, along_path, is_free = False, False, False
    prior = ((0.5, 0.2, 0.1),) * 4

    def __init__(self, texts, vocabulary, seed=0):
        self.texts, self.vocabulary = [list(text) for text in texts], vocabulary
        self.rng = np.random.default_rng(seed)
        self.asked = 0

    def start(self, rows):
        pass

    def read(self, row, tokens, states):
        assert states is None

    def guess(self, texts, depth, goes_on=None):
        self.asked += 1
        return [self._guess(text, depth) for text in texts]

    def select(self, rows):
        pass

    def _guess(self, text, depth):
        whole = next(known for known in self.texts if known[: len(text)] == list(text))
        candidates = []
        for place in range(len(text), len(text) + depth):
            tokens = self.rng.choice(self.vocabulary, self.top, replace=False).tolist()
            rank = self.rng.integers(self.top + 1)
            if place < len(whole) and rank < self.top and whole[place] not in tokens:
                tokens[rank] = whole[place]
            candidates.append(tokens)
        return RowGuess(candidates, [[0.5, 0.2, 0.1]] * depth)
