"""What guessing takes by its depth, measured once when a decoder is made."""

from collections.abc import Callable
from statistics import median

from ahasd.decoding.backend import torch
from ahasd.decoding.models.language_model import LanguageModel
from ahasd.decoding.trees.guessing.guesser import TreeGuesser

#: Guesses of each depth, of which the median counts. Ours.
REPEATS = 3


def measure_guesses(
    guesser: TreeGuesser, target: LanguageModel, clock: Callable[[], float]
) -> tuple[float, ...]:
    """Give the seconds of a guess for one text, by depth from 0 on; nothing for one that is free.

    The guesser reads one token between guesses, whose state does not matter, and has to be started anew afterwards.
    """
    if guesser.is_free:
        return (0.0,) * (guesser.depth + 1)
    state = torch.zeros(1, target.model.config.get_text_config().hidden_size, device=target.model.device)
    guesser.start(1)
    text, found = [0], [0.0]
    for depth in range(1, guesser.depth + 1):
        times = []
        for _ in range(REPEATS):
            guesser.read(0, text[-1:], state)
            text.append(0)
            began = clock()
            guesser.guess([text], depth)
            times.append(clock() - began)
        found.append(median(times))
    guesser.start(1)
    return tuple(found)
