"""The acceptance estimate learns what the signals of the draft are worth, from few verdicts."""

import numpy as np
import pytest

from ahasd.speculation.control.goodput.acceptance_estimate import LearnedAcceptance
from ahasd.traces.rollout.synthetic import synthesize
from ahasd.traces.rollout.walk import DraftChain, TraceWalk


def verdicts(estimate: LearnedAcceptance, walk: TraceWalk, count: int) -> DraftChain:
    """Let it learn so many chains, each up to its first rejection; the chain after them."""
    chain = walk.start()
    for _ in range(count):
        accepted = chain.leading_accepted(12)
        estimate.learn(chain, 0, accepted, accepted < 12)
        chain = walk.after(chain, accepted)
    return chain


def loss(estimate: LearnedAcceptance, chain: DraftChain, walk: TraceWalk, chains: int) -> float:
    """Mean log loss against the true probabilities of tokens whose predecessors are accepted."""
    losses = []
    for _ in range(chains):
        accepted = chain.leading_accepted(12)
        for offset in range(min(accepted + 1, 12)):
            truth, said = chain.acceptance_probability(offset), estimate.of(chain, offset)
            assert truth is not None
            losses.append(-truth * np.log(said) - (1 - truth) * np.log(1 - said))
        chain = walk.after(chain, accepted)
    return float(np.mean(losses))


@pytest.mark.parametrize("acceptance", [0.5, 0.8])
@pytest.mark.parametrize("auc", [0.5, 0.7, 0.9])
def test_a_hundred_chains_bring_it_close_to_what_the_signals_tell(acceptance: float, auc: float) -> None:
    trace = synthesize(acceptance, auc, positions=4000, seed=3)
    walk, estimate = TraceWalk(trace, 0), LearnedAcceptance()
    chain = verdicts(estimate, walk, 100)
    p = trace.acceptance_probability.astype(float).clip(1e-6, 1 - 1e-6)
    # In a synthetic trace entropy tells the acceptance probability exactly, so this is the least loss there is.
    least = float(np.mean(-p * np.log(p) - (1 - p) * np.log(1 - p)))
    blind = -acceptance * np.log(acceptance) - (1 - acceptance) * np.log(1 - acceptance)
    assert loss(estimate, chain, walk, 300) < least + 0.05
    if auc == 0.9:
        assert loss(estimate, chain, walk, 300) < blind - 0.1


def test_one_step_is_the_newton_step_of_the_log_posterior() -> None:
    trace = synthesize(0.7, 0.8, positions=50, seed=1)
    chain, estimate = TraceWalk(trace, 0).start(), LearnedAcceptance()
    signals = chain.signals(0)
    q = signals.draft_probability
    x = np.array([1.0, np.log(max(q, 1e-4)) + 1, signals.entropy - 3, q - 0.3])
    weights = np.array(LearnedAcceptance.PRIOR)
    p = 1 / (1 + np.exp(-weights @ x))
    precision = np.diag(1 / np.array(LearnedAcceptance.PRIOR_DEVIATION) ** 2) + p * (1 - p) * np.outer(x, x)
    weights = weights + np.linalg.solve(precision, x * (1 - p))
    assert estimate.of(chain, 0) == pytest.approx(p)
    estimate.learn(chain, 0, 1, rejected=False)
    assert estimate.of(chain, 0) == pytest.approx(1 / (1 + np.exp(-weights @ x)))


def test_it_follows_a_text_whose_acceptance_changes() -> None:
    estimate = LearnedAcceptance()
    easy, hard = (TraceWalk(synthesize(level, 0.5, positions=2000), 0) for level in (0.95, 0.3))
    verdicts(estimate, easy, 200)
    chain = verdicts(estimate, hard, 200)
    assert estimate.of(chain, 0) < 0.5
    assert estimate.rate < 0.5
