"""What guessing takes by its depth and the number of texts, measured once when a decoder is made."""

from collections.abc import Callable, Mapping, Sequence
from statistics import median

from ahasd.decoding.backend import torch
from ahasd.decoding.batched.passes.batched_runner import MOST_ROWS
from ahasd.decoding.models.language_model import LanguageModel
from ahasd.decoding.trees.guessing.guesser import TreeGuesser

#: Guesses of each depth, of which the median counts, and numbers of texts. Ours.
REPEATS, TEXTS = 3, (1, MOST_ROWS)


def measure_guesses(
    guesser: TreeGuesser, target: LanguageModel, clock: Callable[[], float]
) -> Mapping[int, Sequence[float]]:
    """Give the seconds of a guess by the number of texts, for each by depth from 0 on; nothing for one that is free.

    The guesser reads one token between guesses, whose state does not matter, and has to be started anew afterwards.
    """
    if guesser.is_free:
        return {}
    state = torch.zeros(1, target.model.config.get_text_config().hidden_size, device=target.model.device)
    found = {}
    for texts in TEXTS:
        guesser.start(texts)
        text, seconds = [0], [0.0]
        for depth in range(1, guesser.depth + 1):
            times = []
            for _ in range(REPEATS):
                for row in range(texts):
                    guesser.read(row, text[-1:], state)
                text.append(0)
                began = clock()
                guesser.guess([text] * texts, depth)
                times.append(clock() - began)
            seconds.append(median(times))
        found[texts] = tuple(seconds)
    guesser.start(1)
    return found
