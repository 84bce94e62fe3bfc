"""What a tree trace says of its heads."""

import numpy as np
import numpy.typing as npt

from ahasd.traces.tree.trace import TreeTrace


def accuracy(trace: TreeTrace) -> npt.NDArray[np.float64]:
    """Return H×m: the share of guesses in which each candidate is right, over those that the text reached."""
    known = trace.true_rank >= -1
    right = trace.true_rank[:, :, None] == np.arange(trace.top)
    guesses = np.maximum(1, known.sum(axis=0))
    return np.asarray(right.sum(axis=0) / guesses[:, None])


def within(trace: TreeTrace) -> npt.NDArray[np.float64]:
    """Return H×m: the share of guesses whose truth is among the first k candidates."""
    return accuracy(trace).cumsum(axis=1)


def chain_acceptance(trace: TreeTrace) -> float:
    """Return the mean number of first candidates that are right in a row behind a point."""
    return float((trace.true_rank == 0).cumprod(axis=1).sum(axis=1).mean())


def early_recall(trace: TreeTrace, layer: int, top: int) -> float:
    """Return the share of the text's tokens among the first of an early layer's guesses.

    Parameters
    ----------
    layer
        Its place among the recorded ones, from 0.
    top
        How many of the guesses, at most those that were recorded.
    """
    assert trace.early is not None, "early guesses were recorded"
    truth = trace.taken[:, 0]
    known = truth >= 0
    found = (trace.early[:, layer, :top] == truth[:, None]).any(axis=1)
    return float(found[known].mean()) if known.any() else 0.0


def early_keeps(trace: TreeTrace, layer: int, top: int) -> npt.NDArray[np.float64]:
    """Return m shares: how often the first head's wrong candidate of each rank is among an early layer's guesses."""
    assert trace.early is not None, "early guesses were recorded"
    kept = trace.early[:, layer, :top]
    candidates = trace.candidates[:, 0, :]
    wrong = candidates != trace.taken[:, :1]
    found = (candidates[:, :, None] == kept[:, None, :]).any(axis=2) & wrong
    return np.asarray(found.sum(axis=0) / np.maximum(1, wrong.sum(axis=0)))
