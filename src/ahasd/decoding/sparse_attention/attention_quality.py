"""What leaving tokens out costs: loss on a text, whether a needle is found, how long a text stays the dense one."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ahasd.decoding.backend import torch
from ahasd.decoding.sparse_attention.masked_runner import MaskedRunner
from ahasd.decoding.sparse_attention.retrieval_prompts import RetrievalPrompt
from ahasd.decoding.sparse_attention.settings import SparseSettings

#: Tokens of a masked pass; masks of more take memory (ours).
PASS = 256


def losses(
    runner: MaskedRunner, text: Sequence[int], dense: int, ways: Sequence[SparseSettings | None]
) -> list[float]:
    """Give nats per token of the rest of a text, whose first `dense` tokens are read densely, under each way.

    Parameters
    ----------
    ways
        None is dense attention.
    """
    with _prompt(runner, text[:dense]):
        return [_loss(runner, text, dense, way) for way in ways]


def needle_found(
    runner: MaskedRunner, prompt: RetrievalPrompt, ways: Sequence[SparseSettings | None]
) -> list[bool]:
    """Say whether each way writes the answer, greedily; the haystack is read densely, the question is not."""
    found = []
    with _prompt(runner, prompt.haystack):
        for way in ways:
            runner.settings = way
            runner.roll_back(len(prompt.haystack))
            # An answer that is right up to a token is followed by that token, so one pass says what steps would.
            logits = runner.forward([*prompt.question, *prompt.answer[:-1]], rows=len(prompt.answer))
            found.append(tuple(logits.argmax(-1).tolist()) == prompt.answer)
    return found


def greedy_agreement(
    runner: MaskedRunner, prompt: Sequence[int], count: int, ways: Sequence[SparseSettings | None]
) -> list[tuple[int, float]]:
    """Let the dense model go on with a prompt greedily, and each way read that.

    Returns
    -------
    list
        For each way: tokens until its own greedy text differs, and the share of the dense text's tokens that it
        chooses, too, where it reads that text.
    """
    with _prompt(runner, prompt[:-1]):
        text = [prompt[-1]]
        for _ in range(count):
            text.append(int(runner.forward(text[-1:]).argmax()))
        found = []
        for way in ways:
            runner.settings = way
            runner.roll_back(len(prompt) - 1)
            chosen = runner.forward(text[:-1]).argmax(-1).tolist()
            same = [one == other for one, other in zip(chosen, text[1:], strict=True)]
            found.append((same.index(False) if False in same else count, sum(same) / count))
        return found


@contextmanager
def _prompt(runner: MaskedRunner, tokens: Sequence[int]) -> Iterator[None]:
    """Read a prompt densely, which is the runner's way then; its own is put back in the end."""
    before, runner.settings = runner.settings, None
    try:
        runner.read_densely(tokens)
        yield
    finally:
        runner.settings = before


def _loss(runner: MaskedRunner, text: Sequence[int], dense: int, way: SparseSettings | None) -> float:
    runner.settings = way
    runner.roll_back(dense)
    total = 0.0
    for start in range(dense, len(text) - 1, PASS):
        part = text[start : min(start + PASS, len(text) - 1)]
        wanted = torch.tensor(text[start + 1 : start + 1 + len(part)], device=runner.device)
        likely = runner.forward(part).double().log_softmax(-1)
        total -= float(likely.gather(1, wanted[:, None]).sum())
    return total / (len(text) - 1 - dense)
