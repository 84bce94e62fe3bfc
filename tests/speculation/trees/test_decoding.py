"""Decoding with trees, with steps whose costs are known."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from ahasd.hardware.cost import StepCost
from ahasd.speculation.machine import Lengths
from ahasd.speculation.schedule import SpeculationOutcome
from ahasd.speculation.trees.growing.expectation import expected_tokens
from ahasd.speculation.trees.guesses import Guesses
from ahasd.speculation.trees.head_accuracy import HeadAccuracy
from ahasd.speculation.trees.pass_time.size_table import SizeTable
from ahasd.speculation.trees.policies.best_first import BestFirst
from ahasd.speculation.trees.policies.clairvoyant import Clairvoyant
from ahasd.speculation.trees.policies.draft_probability import DraftProbability
from ahasd.speculation.trees.policies.propd import DynamicTree
from ahasd.speculation.trees.policies.static import StaticTree
from ahasd.speculation.trees.policy import TreePolicy
from ahasd.speculation.trees.pruning import EarlyPruning
from ahasd.speculation.trees.simulated.decoding import TreeDecoding
from ahasd.speculation.trees.simulated.early_guesses import EarlyGuesses
from ahasd.speculation.trees.token_tree import NO_TREE, TokenTree, chain
from ahasd.traces.tree.statistics import accuracy
from ahasd.traces.tree.synthetic import SyntheticTree, synthesize
from ahasd.traces.tree.trace import TreeTrace
from ahasd.traces.tree.walk import TreeWalk

TRACE = synthesize(SyntheticTree(positions=4000, early_layer=4, early_recall=0.7, early_kept=0.3))
EACH = accuracy(TRACE).tolist()


@dataclass
class Steps:
    """A pass is 1000 ns and 20 for every node of every text; the heads are 50."""

    name: str = "npu"
    per_node: float = 20e-9

    def guess(self, texts: int, levels: int = 1) -> StepCost:
        return StepCost(seconds=50e-9)

    def verify(self, texts: int, nodes: int, context: int, chain: bool) -> StepCost:
        return StepCost(seconds=1e-6 + self.per_node * texts * nodes)

    def verify_pruned(
        self, texts: int, nodes: int, kept: int, layer: int, context: int, chain: bool
    ) -> StepCost:
        return StepCost(seconds=1e-6 + self.per_node * texts * (0.25 * nodes + 0.75 * kept))

    def seconds(self, nodes: int, emitted: int) -> float:
        return self.verify(1, nodes, 0, True).seconds + (50e-9 if nodes else 0.0)


def decode(
    policy: TreePolicy,
    tokens: int = 300,
    texts: int = 1,
    trace: TreeTrace = TRACE,
    early: EarlyGuesses | None = None,
    steps: Steps | None = None,
) -> SpeculationOutcome:
    lengths = Lengths(100, tokens, texts=texts)
    decoding = TreeDecoding(lengths, steps or Steps(), early)  # type: ignore[arg-type]  # stands in for a device's
    outcome = decoding.run(TreeWalk(trace, 0, texts), policy, tokens)
    outcome.ledger.check()
    return outcome


class Noting(TreePolicy):
    """Passes a chain, and notes what it is told."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.accepted: dict[int, list[int]] = {}
        self.judged_ranks: list[tuple[int, int | None]] = []
        self.seconds: list[float] = []

    def choose(self, rows: Sequence[Guesses]) -> list[TokenTree]:
        return [chain(min(self.length, row.deepest)) for row in rows]

    def settled(self, text: int, accepted: int, seconds: float) -> None:
        self.accepted.setdefault(text, []).append(accepted)

    def passed(self, nodes: int, seconds: float) -> None:
        self.seconds.append(seconds)

    def judged(self, head: int, rank: int | None, said: Sequence[float] = ()) -> None:
        self.judged_ranks.append((head, rank))


def test_without_nodes_it_is_plain_decoding():
    outcome = decode(Noting(0), 50)
    assert outcome.end == 50 * 1_000_000
    assert outcome.ledger.emitted == outcome.ledger.verifications == 50
    assert [step.kind for step in outcome.timeline.tasks] == ["verify"] * 50


def test_a_round_is_the_heads_and_the_pass():
    policy = Noting(3)
    outcome = decode(policy, 60)
    assert sum(policy.seconds) == pytest.approx(outcome.end * 1e-12)
    assert policy.seconds[0] == pytest.approx(1e-6 + 3 * 20e-9 + 50e-9)
    assert outcome.ledger.emitted == 60
    assert sum(policy.accepted[0]) + len(policy.accepted[0]) == 60


def test_what_the_text_takes_does_not_depend_on_the_tree():
    """Each pass accepts what the trace has right from there; chains of all lengths walk the same text."""
    walk = TreeWalk(TRACE, 0)
    for length in (1, 2, 5):
        policy = Noting(length)
        decode(policy, 200)
        emitted = 0
        for accepted in policy.accepted[0]:
            ranks = walk.true_ranks(walk.row(0, emitted))[: min(length, 200 - emitted - 1)]
            right = next((place for place, rank in enumerate(ranks) if rank != 0), len(ranks))
            assert accepted == right
            emitted += accepted + 1
        assert emitted == 200


def test_heads_are_judged_as_the_trace_has_them():
    policy = Noting(0)
    policy.reads_probability = True  # so that heads run in every round
    decode(policy, 300)
    for head in range(5):
        ranks = [rank for which, rank in policy.judged_ranks if which == head]
        walk = TreeWalk(TRACE, 0)
        known = [walk.true_ranks(walk.row(0, emitted)) for emitted in range(300)]
        expected = [
            row[head] for emitted, row in enumerate(known) if head < len(row) and emitted + head < 300
        ]
        assert ranks == expected


def test_the_mean_is_what_independent_heads_promise():
    grown = BestFirst(HeadAccuracy(EACH, weight=1e9), 16)
    outcome = decode(grown, 3000)
    (tree,) = grown.choose([Guesses((), 0, 5)])
    mean = outcome.ledger.emitted / outcome.ledger.verifications
    assert mean == pytest.approx(expected_tokens(tree, EACH), rel=0.04)


@pytest.mark.parametrize("texts", [2, 5])
def test_the_texts_of_a_batch_do_not_depend_on_each_other(texts):
    together = Noting(4)
    decode(together, 80, texts)
    for text in range(texts):
        alone = Noting(4)
        lengths = Lengths(100, 80)
        TreeDecoding(lengths, Steps()).run(TreeWalk(TRACE, text), alone, 80)  # type: ignore[arg-type]
        assert together.accepted[text] == alone.accepted[0]


def test_a_batch_gets_smaller_as_texts_end():
    outcome = decode(StaticTree(chain(4)), 60, 4)
    assert outcome.ledger.emitted == 240
    costs = [step.cost.seconds for step in outcome.timeline.tasks if step.kind == "verify"]
    assert costs[0] == pytest.approx(1e-6 + 20e-9 * 16)
    assert costs[-1] < costs[0]


@pytest.mark.parametrize("per_node", [0.0, 20e-9, 200e-9])
def test_no_policy_is_faster_than_one_that_knows(per_node):
    steps = Steps(per_node=per_node)
    walk = TreeWalk(TRACE, 0)
    right = []
    for emitted in range(300):
        ranks = walk.true_ranks(walk.row(0, emitted))
        right.append(ranks[: ranks.index(None)] if None in ranks else ranks)
    bound = decode(Clairvoyant([right], steps.seconds), steps=steps).end
    rivals: list[TreePolicy] = [
        Noting(0),
        Noting(2),
        StaticTree(chain(5)),
        BestFirst(HeadAccuracy(EACH), 30),
        DraftProbability(8),
        DynamicTree(HeadAccuracy(EACH), SizeTable(), (0, 1, 3, 7, 15)),
    ]
    assert all(bound <= decode(rival, steps=steps).end for rival in rivals)


def test_pruning_accepts_no_more_and_writes_the_same_text():
    early = EarlyGuesses(TRACE, EarlyPruning(4, TRACE.early_top))
    with_all, pruned = Noting(5), Noting(5)
    plain = decode(with_all, 1500)
    less = decode(pruned, 1500, early=early)
    assert plain.ledger.emitted == less.ledger.emitted == 1500
    assert less.ledger.verifications > plain.ledger.verifications
    walk, emitted = TreeWalk(TRACE, 0), 0
    for accepted in pruned.accepted[0]:
        ranks = walk.true_ranks(walk.row(0, emitted))[: min(5, 1500 - emitted - 1)]
        unpruned = next((place for place, rank in enumerate(ranks) if rank != 0), len(ranks))
        assert accepted <= unpruned
        emitted += accepted + 1


def test_early_guesses_that_keep_everything_change_nothing():
    made = synthesize(SyntheticTree(positions=2000, early_layer=4, early_recall=1.0, early_kept=1.0))
    early = EarlyGuesses(made, EarlyPruning(4, made.early_top))
    steps = Steps()
    policies = [BestFirst(HeadAccuracy(EACH), 20) for _ in range(2)]
    plain = decode(policies[0], trace=made, steps=steps)
    kept = decode(policies[1], trace=made, early=early, steps=steps)
    assert kept.ledger.accepted_histogram == plain.ledger.accepted_histogram
    # One of the 128 plausible tokens gives way to the truth.
    assert kept.end == pytest.approx(plain.end, rel=0.01)


def test_of_a_tree_nodes_on_the_path_are_accepted_and_one_rejection_ends_it():
    outcome = decode(BestFirst(HeadAccuracy(EACH), 12), 400)
    ledger = outcome.ledger
    assert ledger.drafted == ledger.accepted + ledger.rejected + ledger.flushed
    assert ledger.rejected <= ledger.verifications
    assert ledger.accepted == 400 - ledger.verifications


def test_an_empty_tree_is_allowed_at_the_last_token():
    assert decode(StaticTree(NO_TREE), 1).ledger.emitted == 1
