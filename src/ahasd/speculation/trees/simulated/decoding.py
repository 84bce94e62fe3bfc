"""Decoding with trees: heads guess, one pass verifies, for all texts of a batch together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ahasd.hardware.cost import StepCost
from ahasd.simulation.engine import PICOSECONDS, to_picoseconds
from ahasd.simulation.timeline import Timeline
from ahasd.speculation.ledger import TokenLedger
from ahasd.speculation.machine import Lengths
from ahasd.speculation.model_step import Fate, ModelStep
from ahasd.speculation.schedule import SpeculationOutcome
from ahasd.speculation.trees.guesses import Guesses
from ahasd.speculation.trees.judging import PendingGuesses
from ahasd.speculation.trees.policy import TreePolicy
from ahasd.speculation.trees.simulated.early_guesses import EarlyGuesses
from ahasd.speculation.trees.simulated.verified import VerifiedTrees
from ahasd.speculation.trees.token_tree import ROOT, TokenTree
from ahasd.traces.tree.walk import TreeWalk


@dataclass(slots=True)
class _Text:
    """A text of the batch, its tokens so far, and the guesses about it that are not judged yet."""

    number: int
    pending: PendingGuesses
    emitted: int = 0


class TreeCosts(Protocol):
    """What the steps cost; `TreeSteps` says it for a device."""

    @property
    def name(self) -> str:
        """The device, as timelines show it."""

    def guess(self, texts: int, levels: int) -> StepCost:
        """Cost of guessing so many levels behind the last accepted token of each text."""

    def verify(self, texts: int, nodes: int, context: int, chain: bool) -> StepCost:
        """Cost of passing the root and so many nodes of each text when `context` entries are in its cache."""

    def verify_pruned(
        self, texts: int, nodes: int, kept: int, layer: int, context: int, chain: bool
    ) -> StepCost:
        """Cost of the same pass where after `layer` layers a head chooses which nodes go on."""


class TreeDecoding:
    """A round guesses behind every text's last token, and verifies each text's tree in one pass for all.

    A text gets the nodes on its path and one token of the target's own. One that has its tokens leaves the batch, and
    passes get smaller. Of a tree's nodes, those on the text's path are accepted; where a node of that path has
    children and none is right, that is one rejection; all others are flushed.

    Parameters
    ----------
    lengths
        Of prompt and continuation.
    steps
        What they cost.
    early
        What an early layer guesses, where nodes are pruned by it.
    watch
        Told the tokens emitted.
    along_path
        Whether levels are guessed one after another, each behind the likeliest candidates of those before, as by a
        draft that reads its own tokens; heads guess all at once.
    """

    def __init__(
        self,
        lengths: Lengths,
        steps: TreeCosts,
        early: EarlyGuesses | None = None,
        watch: Callable[[int], None] | None = None,
        along_path: bool = False,
    ) -> None:
        self._lengths, self._steps, self._early, self._watch = lengths, steps, early, watch
        self._along_path = along_path

    def run(self, walk: TreeWalk, policy: TreePolicy, tokens: int) -> SpeculationOutcome:
        """Decode until each text has so many tokens."""
        self._walk, self._policy, self._tokens = walk, policy, tokens
        self._timeline, self._now, self._verified = Timeline[ModelStep](), 0, VerifiedTrees()
        self._ledger = TokenLedger(tokens * walk.texts, watch=self._watch)
        texts = [_Text(number, PendingGuesses(self._along_path)) for number in range(walk.texts)]
        while texts:
            self._round(texts)
            texts = [text for text in texts if text.emitted < tokens]
        return SpeculationOutcome(self._now, self._timeline, self._ledger, trees=self._verified)

    def _round(self, texts: Sequence[_Text]) -> None:
        walk, policy, began = self._walk, self._policy, self._now
        rows = [walk.row(text.number, text.emitted) for text in texts]
        context = self._lengths.prompt - 1 + round(sum(text.emitted for text in texts) / len(texts))
        levels = self._levels(texts, rows) if policy.reads_probability else 0
        trees = policy.choose(self._guesses(texts, rows, levels))
        nodes = max(tree.nodes for tree in trees)
        if not policy.reads_probability:
            levels = max(tree.depth for tree in trees)
            levels = walk.trace.heads if levels and not self._along_path else levels
        if levels:
            self._step("guess", self._steps.guess(len(texts), levels), len(texts), context)
        kept = [self._kept(text, row, tree) for text, row, tree in zip(texts, rows, trees, strict=True)]
        cost = self._verify_cost(trees, [tree.nodes for tree in kept], context)
        self._step("verify", cost, nodes + 1, context)
        if levels:
            said = policy.reads_probability
            for text, row in zip(texts, rows, strict=True):
                # What lies behind the end of a prompt is not known.
                deepest = min(walk.deepest(row), levels)
                text.pending.guessed(
                    walk.candidates(row)[:deepest], walk.probability(row)[:deepest] if said else ()
                )
        seconds = (self._now - began) / PICOSECONDS
        for text, row, tree, left in zip(texts, rows, trees, kept, strict=True):
            policy.settled(text.number, self._settle(text, row, tree, left), seconds)
        policy.passed(nodes, seconds)

    def _levels(self, texts: Sequence[_Text], rows: Sequence[int]) -> int:
        """Ask the policy how many levels it wants, again after each where they are guessed one after another."""
        most, known = self._walk.trace.heads, 0
        while known < most and self._policy.levels(self._guesses(texts, rows, known)) > known:
            known = known + 1 if self._along_path else most
        return known

    def _guesses(self, texts: Sequence[_Text], rows: Sequence[int], levels: int) -> list[Guesses]:
        walk = self._walk
        return [
            Guesses(
                walk.probability(row)[:levels] if levels else (),
                text.emitted,
                min(walk.deepest(row), self._tokens - text.emitted - 1),
                text.number,
            )
            for text, row in zip(texts, rows, strict=True)
        ]

    def _kept(self, text: _Text, row: int, tree: TokenTree) -> TokenTree:
        if self._early is None or not tree.nodes:
            return tree
        coins = self._walk.coins(text.number, text.emitted, tree.nodes)
        return tree.only(self._early.surviving(tree, row, self._walk.true_ranks(row), coins))

    def _verify_cost(self, trees: Sequence[TokenTree], kept: Sequence[int], context: int) -> StepCost:
        nodes, chain = max(tree.nodes for tree in trees), all(tree.is_chain for tree in trees)
        if self._early is None or not nodes:
            return self._steps.verify(len(trees), nodes, context, chain)
        layer = self._early.pruning.layer
        return self._steps.verify_pruned(len(trees), nodes, max(kept), layer, context, chain)

    def _settle(self, text: _Text, row: int, tree: TokenTree, kept: TokenTree) -> int:
        """Count a text's tokens; return the nodes that it took."""
        ledger = self._ledger
        path = kept.accepted(self._walk.true_ranks(row))
        last = path[-1] if path else ROOT
        self._verified.add(tree, kept.rank_path(last))
        ledger.drafted += tree.nodes
        rejected = 1 if last in kept.children else 0
        ledger.rejected += rejected
        ledger.flushed += tree.nodes - len(path) - rejected
        ledger.verified(len(path))
        ledger.emit(len(path), own=1, now=self._now)
        text.emitted += len(path) + 1
        for head, rank, said in text.pending.text(self._walk.tokens(row, len(path) + 1)):
            self._policy.judged(head, rank, said)
        return len(path)

    def _step(self, kind: str, cost: StepCost, width: int, context: int) -> None:
        end = self._now + to_picoseconds(cost.seconds)
        self._timeline.add(
            ModelStep(
                self._steps.name, kind, self._now, end, cost, width=width, context=context, fate=Fate.USED
            )
        )
        self._now = end
