"""From what a user writes for a tree to the policy that chooses it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from ahasd.decoding.trees.guessing.guesser import TreeGuesser
from ahasd.decoding.trees.pass_costs import PassCosts
from ahasd.errors import AhasdError, UnknownNameError
from ahasd.speculation.drafting.specification import (
    AlgorithmSpec,
    algorithm_names,
    build_policy,
    parse_algorithm,
)
from ahasd.speculation.trees.growing.best_first import grow
from ahasd.speculation.trees.head_accuracy import HeadAccuracy
from ahasd.speculation.trees.pass_time.aged_regression import AgedRegression
from ahasd.speculation.trees.pass_time.size_table import SizeTable
from ahasd.speculation.trees.policies.best_first import BestFirst
from ahasd.speculation.trees.policies.chain import DraftedChain
from ahasd.speculation.trees.policies.confident import ConfidentTree
from ahasd.speculation.trees.policies.draft_probability import DraftProbability
from ahasd.speculation.trees.policies.optimal import Optimal
from ahasd.speculation.trees.policies.propd import DynamicTree
from ahasd.speculation.trees.policies.static import StaticTree
from ahasd.speculation.trees.policy import TreePolicy
from ahasd.speculation.trees.published import medusa_63
from ahasd.speculation.trees.token_tree import chain

#: Nodes of a tree at most, where the user names none (ours).
MOST_NODES = 64

#: Nodes of a tree of fixed size, where the user names none: a pass of 16 tokens. Ours.
FIXED_NODES = 15

DEFAULT = "dynamic"

#: Behind a tree whose nodes may leave passes.
PRUNED = "+pruned"

#: Guesses that the accuracy on held-out text counts for: few, since texts of one task and one way of choosing tokens
#: differ from it by more than a few guesses err. Ours.
PRIOR_GUESSES = 16.0


@dataclass(frozen=True, slots=True)
class _Made:
    """What a policy is made from."""

    guesser: TreeGuesser
    costs: PassCosts
    rows: int
    nodes: int | None

    @property
    def accuracy(self) -> HeadAccuracy:
        return HeadAccuracy(self.guesser.prior, PRIOR_GUESSES, self.guesser.along_path)

    def seconds(self, nodes: int) -> float:
        return self.costs.filled(self.rows * (nodes + 1))


def _dynamic(made: _Made) -> TreePolicy:
    if not made.guesser.says_chances:
        return _table(made)
    most = made.rows * (1 + (made.nodes or MOST_NODES))
    known = {width: made.costs.filled(width) for width in made.costs.seconds_at if width <= most}
    return ConfidentTree(made.accuracy, SizeTable(known=known), sorted(known), made.costs.guess)


def _table(made: _Made) -> TreePolicy:
    most = made.nodes or MOST_NODES
    sizes = [nodes for nodes in made.costs.sizes if nodes <= most]
    grown = grow(made.guesser.prior, max(sizes), spine=made.guesser.along_path)
    known = {
        nodes: made.seconds(nodes) + made.costs.guess(grown.first(nodes).depth, made.rows) for nodes in sizes
    }
    return DynamicTree(made.accuracy, SizeTable(known=known), sizes)


def _propd(made: _Made) -> TreePolicy:
    return DynamicTree(made.accuracy, AgedRegression(), range(1, (made.nodes or MOST_NODES) + 1))


def _optimal(made: _Made) -> TreePolicy:
    # The programme takes seconds for some n³ of them.
    most = made.nodes or min(MOST_NODES, max(made.costs.sizes))
    return Optimal(made.accuracy, most, lambda nodes, depth: made.seconds(nodes))


_POLICIES: dict[str, Callable[[_Made], TreePolicy]] = {
    "dynamic": _dynamic,
    "table": _table,
    "propd": _propd,
    "optimal": _optimal,
    "best-first": lambda made: BestFirst(made.accuracy, made.nodes or FIXED_NODES),
    "draft-probability": lambda made: DraftProbability(
        made.nodes or FIXED_NODES, spine=made.guesser.along_path
    ),
    "chain": lambda made: StaticTree(chain(made.nodes or made.guesser.depth)),
    "medusa": lambda made: StaticTree(medusa_63()),
}


@dataclass(frozen=True, slots=True)
class TreeSpec:
    """A tree as a user writes it: a name, or name:nodes, either with +pruned behind it.

    Parameters
    ----------
    name
        "dynamic": as many of the likeliest paths, by what the guesser says here, as their time is worth; "table": the
        size by what passes take here; "propd": the same by ProPD's line; "optimal": the best tree for
        the measured passes; "best-first", "draft-probability": so many nodes of the likeliest paths, by what was
        right so far or by what the guesser says here; "chain": no branches; "medusa": the 63 nodes of Medusa. Or a
        drafting algorithm: a chain that it ends.
    nodes
        At most, or exactly for trees of fixed size; None for the default.
    drafting
        The drafting algorithm, if it is one.
    pruned
        Whether nodes that an early layer thinks unlikely leave passes, if one of the target's is good enough for it.

    Raises
    ------
    AhasdError
        There is no such tree, or no such number of nodes.
    """

    name: str
    nodes: int | None = None
    drafting: AlgorithmSpec | None = None
    pruned: bool = False

    def __post_init__(self) -> None:
        if self.drafting is None and self.name not in _POLICIES:
            raise UnknownNameError("tree", self.name, [*_POLICIES, *algorithm_names()])
        if self.nodes is not None and (self.name == "medusa" or not 1 <= self.nodes <= 256):
            raise AhasdError(
                f"tree '{self}': "
                + ("it has 63 nodes" if self.name == "medusa" else "give 1 to 256 nodes behind the colon")
            )

    def __str__(self) -> str:
        text = self.name if self.nodes is None else f"{self.name}:{self.nodes}"
        return text + PRUNED if self.pruned else text

    @property
    def stops(self) -> bool:
        """Whether its policy takes no tree where none is worth its time."""
        return self.name in ("dynamic", "table")

    @property
    def learns(self) -> bool:
        """Whether what its policy learnt holds for other texts."""
        return self.drafting is None

    def build(self, guesser: TreeGuesser, costs: PassCosts, rows: int) -> TreePolicy:
        """Make a policy for batches of so many rows.

        Raises
        ------
        AhasdError
            The tree is deeper or wider than what is guessed.
        """
        self.check(guesser)
        if self.drafting is not None:
            return DraftedChain(build_policy(self.drafting))
        return _POLICIES[self.name](_Made(guesser, costs, rows, self.nodes))

    def check(self, guesser: TreeGuesser) -> None:
        """See that the guesser fills the tree.

        Raises
        ------
        AhasdError
            The tree is deeper or wider than what is guessed.
        """
        if self.name in ("optimal", "medusa") and guesser.along_path:
            raise AhasdError(
                f"tree '{self}' supposes guesses for every depth on its own, and those of '{guesser.name}' "
                "follow one another; take best-first or dynamic"
            )
        depth, top = 0, 1
        if self.name == "chain":
            depth = self.nodes or 0
        elif self.name == "medusa":
            tree = medusa_63()
            depth, top = tree.depth, max(tree.ranks) + 1
        if depth > guesser.depth or top > guesser.top:
            raise AhasdError(
                f"tree '{self}' is {depth} deep with up to {top} candidates for a token, and '{guesser.name}' "
                f"guesses {guesser.depth} tokens with {guesser.top}; take a smaller tree, or dynamic"
            )


def parse_tree(text: str) -> TreeSpec:
    """Read what a user wrote.

    Raises
    ------
    AhasdError
        There is no such tree.
    """
    if text.endswith(PRUNED):
        return replace(parse_tree(text.removesuffix(PRUNED)), pruned=True)
    name, colon, number = text.partition(":")
    if name not in _POLICIES and name in algorithm_names():
        spec = parse_algorithm(text)
        if spec.algorithm.needs_predicted_acceptance:
            raise AhasdError(
                f"tree '{text}' needs an acceptance head, which heads have not; take svip or adaedl"
            )
        return TreeSpec(text, drafting=spec)
    if not colon:
        return TreeSpec(name)
    if not number.isdecimal() or len(number) > 4:
        raise AhasdError(f"tree '{text}': behind the colon stands a number of nodes, such as {name}:15")
    return TreeSpec(name, int(number))
