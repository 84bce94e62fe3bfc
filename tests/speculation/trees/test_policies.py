"""What every policy does, and what each one is for."""

from collections.abc import Callable

import pytest

from ahasd.speculation.drafting.algorithms.fixed import FixedLength
from ahasd.speculation.trees.growing.expectation import expected_tokens
from ahasd.speculation.trees.guesses import Guesses
from ahasd.speculation.trees.head_accuracy import HeadAccuracy, differences
from ahasd.speculation.trees.pass_time.aged_regression import AgedRegression
from ahasd.speculation.trees.pass_time.size_table import SizeTable
from ahasd.speculation.trees.policies.best_first import BestFirst
from ahasd.speculation.trees.policies.chain import DraftedChain
from ahasd.speculation.trees.policies.clairvoyant import Clairvoyant, plan_passes
from ahasd.speculation.trees.policies.confident import ConfidentTree
from ahasd.speculation.trees.policies.draft_probability import DraftProbability
from ahasd.speculation.trees.policies.optimal import Optimal
from ahasd.speculation.trees.policies.propd import DynamicTree
from ahasd.speculation.trees.policies.static import StaticTree
from ahasd.speculation.trees.policy import TreePolicy
from ahasd.speculation.trees.published import medusa_63
from ahasd.speculation.trees.token_tree import TokenTree, chain

from .brute_force import MEDUSA_7B

EACH = differences(MEDUSA_7B)
SIZES = (0, 1, 3, 7, 15, 31, 63)


def cost(nodes: int, depth: int = 0) -> float:
    return 1.0 + 0.05 * nodes


def confident(slope: float = 0.1, guess: float = 0.05, along_path: bool = False) -> ConfidentTree:
    known = {width: 1.0 + slope * (width - 1) for width in (1, 2, 4, 8, 16, 32)}
    return ConfidentTree(
        HeadAccuracy(EACH, along_path=along_path),
        SizeTable(known=known),
        list(known),
        lambda levels, texts: guess * levels,
    )


POLICIES: dict[str, Callable[[], TreePolicy]] = {
    "static": lambda: StaticTree(medusa_63()),
    "chain": lambda: DraftedChain(FixedLength(3)),
    "best first": lambda: BestFirst(HeadAccuracy(EACH), 9),
    "draft probability": lambda: DraftProbability(9),
    "line": lambda: DynamicTree(HeadAccuracy(EACH), AgedRegression(), range(1, 64)),
    "table": lambda: DynamicTree(HeadAccuracy(EACH), SizeTable(), SIZES),
    "confident": lambda: confident(),
    "optimal": lambda: Optimal(HeadAccuracy(EACH), 31, cost),
    "clairvoyant": lambda: Clairvoyant([[[1, 0, 2]] * 200] * 2, cost),
}


def guesses(emitted: int, deepest: int = 5, text: int = 0) -> Guesses:
    return Guesses(EACH, emitted, deepest, text)


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_gives_each_text_a_tree_that_ends_where_the_text_does(name):
    policy = POLICIES[name]()
    for number in range(40):
        rows = [
            guesses(number, deepest) if text == 0 else guesses(number, 5, text)
            for text, deepest in enumerate((number % 6, 5))
        ]
        trees = policy.choose(rows)
        assert len(trees) == 2
        assert all(tree.depth <= row.deepest for tree, row in zip(trees, rows, strict=True))
        nodes = max(tree.nodes for tree in trees)
        for text in range(2):
            policy.settled(text, 0, cost(nodes))
        for head in range(5):
            policy.judged(head, number % 3)
        policy.passed(nodes, cost(nodes))


@pytest.mark.parametrize("name", POLICIES)
def test_the_same_calls_give_the_same_trees(name):
    def trees() -> list[TokenTree]:
        policy, found = POLICIES[name](), []
        for number in range(30):
            (tree,) = policy.choose([guesses(number)])
            found.append(tree)
            policy.settled(0, 0, cost(tree.nodes))
            policy.judged(0, number % 2)
            policy.passed(tree.nodes, cost(tree.nodes))
        return found

    assert trees() == trees()


@pytest.mark.parametrize(
    ("slope", "kind"), [(s, k) for s in (0.001, 0.02, 0.1, 0.4, 2.0) for k in ("line", "table")]
)
def test_a_dynamic_tree_settles_on_the_size_that_an_exhaustive_search_finds(slope, kind):
    policy = POLICIES[kind]()
    sizes = range(1, 64) if kind == "line" else SIZES
    for number in range(60):
        (tree,) = policy.choose([guesses(number)])
        policy.passed(tree.nodes, 1.0 + slope * tree.nodes)
    worth = {
        size: expected_tokens(policy.grown(5).first(size), EACH) / (1.0 + slope * size) for size in sizes
    }
    assert worth[tree.nodes] == pytest.approx(max(worth.values()))


def test_a_table_stops_by_itself_and_begins_again():
    policy = DynamicTree(HeadAccuracy(EACH), SizeTable(), SIZES)
    nodes = []
    for number in range(900):
        (tree,) = policy.choose([guesses(number)])
        nodes.append(tree.nodes)
        # At first another text makes every node dear.
        policy.passed(tree.nodes, 1.0 + (0.9 if number < 300 else 0.0) * tree.nodes)
    assert set(nodes[20:250]) == {0}
    assert nodes[-1] > 0


def test_a_table_takes_the_dip_that_a_line_misses():
    """A pass of 16 rows that is cheaper than one of 12: no line has that."""

    def seconds(nodes: int) -> float:
        return {0: 1.0, 1: 1.36, 3: 1.66, 7: 2.16, 11: 2.44, 15: 2.0, 31: 2.5, 63: 3.5}.get(
            nodes, 1.0 + nodes
        )

    sizes = (0, 1, 3, 7, 11, 15, 31, 63)
    chosen = {}
    for name, time in (("table", SizeTable()), ("line", AgedRegression())):
        policy = DynamicTree(HeadAccuracy(EACH), time, sizes)
        for number in range(80):
            (tree,) = policy.choose([guesses(number)])
            policy.passed(tree.nodes, seconds(tree.nodes))
        chosen[name] = tree.nodes
    gain = {
        size: expected_tokens(BestFirst(HeadAccuracy(EACH), size).choose([guesses(0)])[0], EACH)
        / seconds(size)
        for size in sizes
    }
    assert gain[chosen["table"]] == max(gain.values())
    assert gain[chosen["line"]] < max(gain.values())


def test_what_heads_say_matters_to_draft_probability_alone():
    sure, unsure = [[0.9, 0.05], [0.9, 0.05]], [[0.1, 0.09], [0.1, 0.09]]
    policy = DraftProbability(2)
    deep, wide = policy.choose([Guesses(sure, 0, 2), Guesses(unsure, 0, 2, 1)])
    assert deep == chain(2)
    assert wide.depth == 1
    (few,) = DraftProbability(9, least=0.8).choose([Guesses(sure, 0, 2)])
    assert few == chain(2)


def test_a_chain_asks_a_drafting_algorithm():
    (tree,) = DraftedChain(FixedLength(3)).choose([guesses(0)])
    assert tree == chain(3)


def test_a_static_tree_is_cut_where_the_text_ends():
    (tree,) = StaticTree(medusa_63()).choose([guesses(0, deepest=2)])
    assert (tree.nodes, tree.depth) == (38, 2)


@pytest.mark.parametrize("slope", [0.0, 0.2, 1.0])
def test_a_plan_is_the_fastest_of_all_ways_through_a_text(slope):
    reach = [2, 0, 1, 3, 0, 2, 1, 0]

    def seconds(nodes: int, at: int) -> float:
        return 1.0 + slope * nodes + 0.01 * at

    def fastest(at: int) -> float:
        if at >= len(reach):
            return 0.0
        most = min(reach[at], len(reach) - at - 1)
        return min(seconds(n, at) + fastest(at + n + 1) for n in range(most + 1))

    plan, at, total = plan_passes(reach, seconds), 0, 0.0
    while at < len(reach):
        total += seconds(plan[at], at)
        at += plan[at] + 1
    assert total == pytest.approx(fastest(0))


class Declining(FixedLength):
    """Drafts in every second round, and notes what rounds without drafts took."""

    def __init__(self) -> None:
        super().__init__(2)
        self.rounds = 0
        self.alone: list[float] = []

    def drafts(self) -> bool:
        self.rounds += 1
        return self.rounds % 2 == 0

    def passed_alone(self, seconds: float) -> None:
        self.alone.append(seconds)


def test_a_chain_lets_its_algorithm_do_without():
    policy = DraftedChain(Declining())
    lengths = []
    for number in range(4):
        (tree,) = policy.choose([guesses(number)])
        lengths.append(tree.nodes)
        policy.settled(0, 0, 1.0 + number)
    assert lengths == [0, 2, 0, 2]
    assert policy._texts[0].alone == [1.0, 3.0]
