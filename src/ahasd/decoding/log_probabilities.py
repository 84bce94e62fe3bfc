"""How likely a text is to a model: the logarithm of the probability of each token behind those before it."""

from collections.abc import Sequence

from ahasd.decoding.backend import torch
from ahasd.decoding.models.runner import ModelRunner

#: Rows of logits that are held at once: 64 of a vocabulary of 150,000 take 38 MB. Ours.
ROWS = 64


def log_probabilities(runner: ModelRunner, prompt: Sequence[int], tokens: Sequence[int]) -> list[float]:
    """Give the natural logarithm of each token's probability, at temperature 1 and without any adjustment.

    Parameters
    ----------
    runner
        Of the model; its cache is emptied before and behind.
    prompt
        Tokens before them, at least one.
    tokens
        Those that are asked about.
    """
    runner.reset()
    found: list[float] = []
    text = [*prompt, *tokens]
    with torch.inference_mode():
        if len(prompt) > 1:
            runner.forward(text[: len(prompt) - 1], rows=0)
        for first in range(len(prompt) - 1, len(text) - 1, ROWS):
            read = text[first : min(first + ROWS, len(text) - 1)]
            asked = torch.tensor(text[first + 1 : first + 1 + len(read)], device=runner.device)
            rows = torch.log_softmax(runner.forward(read), dim=-1)
            found += rows.gather(1, asked[:, None]).flatten().tolist()
    runner.reset()
    return found
