"""Rounds of decoding with trees: guess, choose a tree for every row, run one pass, keep the accepted paths."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ahasd.decoding.batched.batch_row import BatchRow
from ahasd.decoding.batched.drafting.drafting_worth import DraftingWorth
from ahasd.decoding.batched.passes.batched_runner import RowTokens
from ahasd.decoding.batched.passes.timed_passes import TimedPasses
from ahasd.decoding.trees.early_exit import leaving
from ahasd.decoding.trees.guessing.guesser import GoesOn, RowGuess, TreeGuesser
from ahasd.decoding.trees.pass_costs import PassCosts, clock_of
from ahasd.decoding.trees.tree_policies import TreeSpec
from ahasd.decoding.trees.tree_tokens import node_tokens, row_of_tree
from ahasd.decoding.trees.tree_verdict import TreeVerdict, judge_tree
from ahasd.errors import AhasdError
from ahasd.speculation.trees.guesses import Guesses
from ahasd.speculation.trees.judging import PendingGuesses
from ahasd.speculation.trees.policy import TreePolicy
from ahasd.speculation.trees.pruning import EarlyPruning
from ahasd.speculation.trees.token_tree import NO_TREE, TokenTree

#: Share of a new round in what rounds take by now (ours).
DRIFT_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class _Passed:
    """Of each row the nodes that went through a pass, rising, and the target's word behind the root and those."""

    nodes: Sequence[Sequence[int]]
    logits: Sequence[Any]
    states: Sequence[Any] | None


class TreeRounds:
    """Decodes texts side by side, each with a tree of its own.

    Life cycle: ``begin`` with rows whose text is their prompt gives each its first token; ``round`` gives each its
    next ones. The caller appends them to the row's text before anything else, and calls ``select`` when rows leave.

    Where the policy does not stop by itself, whether a round has trees at all is measured while it runs
    (`DraftingWorth`); what was learnt stays from text to text.

    Parameters
    ----------
    target
        Its cache belongs to this object.
    guesser
        Of the target.
    tree
        Which policy chooses trees; one is made for every number of rows.
    costs
        Of the target's passes.
    masks
        Whether the target takes a mask; without it no pass is filled up.
    pruning
        By what nodes leave passes on their way; None for none.
    """

    def __init__(
        self,
        target: TimedPasses,
        guesser: TreeGuesser,
        tree: TreeSpec,
        costs: PassCosts,
        masks: bool = True,
        pruning: EarlyPruning | None = None,
    ) -> None:
        tree.check(guesser)
        self._masks, self._pruning = masks, pruning
        self._target, self._guesser, self._tree, self._costs = target, guesser, tree, costs
        self._seconds = clock_of(target)
        self._policies: dict[int, TreePolicy] = {}
        self._pending: list[PendingGuesses] = []
        #: Whose texts lie in the cache.
        self._rows: list[BatchRow] = []
        #: Of each row, its place in the batch at first.
        self._texts: list[int] = []
        self._caught_up = False
        #: What rounds take by now, of what they would have taken when passes were measured.
        self._drift: float | None = None
        #: Whether the guesser has not read all that the target has.
        self._behind = True
        self.worth = DraftingWorth()

    def begin(self, live: Sequence[BatchRow]) -> list[list[int]]:
        """Have the target read all prompts in one pass, which gives every row its first token."""
        runner = self._target.runner
        runner.keep_states = runner.keeps_all_states = self._guesser.reads_states
        self._target.start([row.target_steps for row in live])
        self._guesser.start(len(live))
        self.worth.start(len(live))
        self._pending = [PendingGuesses(self._guesser.along_path) for _ in live]
        self._rows, self._texts = list(live), list(range(len(live)))
        if not self._tree.learns:
            self._policies.clear()
        self._caught_up, self._behind = True, True
        fed = [RowTokens(place, row.text, 1) for place, row in enumerate(live)]
        logits = self._target.forward(fed)
        self._read([row.text for row in live], self._states(fed))
        new = []
        for row, own in zip(live, logits, strict=True):
            row.recorder.prefilled()
            verdict = row.rule.own(own, row.text)
            assert verdict.own_token is not None
            row.recorder.verified(0)
            row.recorder.judged(verdict)
            new.append([verdict.own_token])
        return new

    def round(self, live: Sequence[BatchRow], always: bool = False) -> list[list[int]]:
        """Give every row its next tokens, at least one; `always` with trees, whatever they are measured to bring.

        Raises
        ------
        AhasdError
            Other texts were begun since.
        """
        if len(live) != len(self._rows) or any(
            row is not own for row, own in zip(live, self._rows, strict=True)
        ):
            raise AhasdError(
                "this decoder has begun other texts since; use an iterator up or close it before the next request, "
                "or make a second decoder"
            )
        # A policy that stops by itself goes by all guesses of all texts, which tell more than a few rounds.
        new = self._tree_round(live) if self._tree.stops else self._worthy_round(live, always)
        policy = self._policy(len(live))
        for pending, tokens in zip(self._pending, new, strict=True):
            for head, rank, said in pending.text(tokens):
                policy.judged(head, rank, said)
        return new

    def select(self, rows: Sequence[int]) -> None:
        """Go on with some of the rows."""
        self._target.select(rows)
        self._guesser.select(rows)
        self._pending = [self._pending[row] for row in rows]
        self._texts = [self._texts[row] for row in rows]
        self._rows = [self._rows[row] for row in rows]
        self.worth.select(rows)

    def _worthy_round(self, live: Sequence[BatchRow], always: bool) -> list[list[int]]:
        began = self._seconds()
        guesses = always or self.worth.drafts([row.stopping.remaining for row in live])
        new = self._tree_round(live) if guesses else self._plain_round(live)
        self.worth.took(guesses, [len(each) for each in new], self._seconds() - began, self._caught_up)
        self._caught_up = guesses
        return new

    def _plain_round(self, live: Sequence[BatchRow]) -> list[list[int]]:
        fed = [RowTokens(place, row.text[-1:], 1) for place, row in enumerate(live)]
        logits = self._target.forward(fed)
        self._read([row.text[-1:] for row in live], self._states(fed))
        verdicts = [
            judge_tree(row.rule, NO_TREE, (), own[None], row.text)
            for row, own in zip(live, logits, strict=True)
        ]
        return [self._taken(row, 0, (), verdict) for row, verdict in zip(live, verdicts, strict=True)]

    def _tree_round(self, live: Sequence[BatchRow]) -> list[list[int]]:
        began, policy = self._seconds(), self._policy(len(live))
        trees, guesses = self._grown(live, policy)
        if all(tree.nodes == 0 for tree in trees):
            new = self._plain_round(live)
            self._settle(policy, new, 0, len(live), len(guesses[0].candidates), self._seconds() - began)
            return new
        nodes = [node_tokens(tree, guess.candidates) for tree, guess in zip(trees, guesses, strict=True)]
        padding = self._padding(trees)
        lengths = self._target.runner.lengths
        fed = [
            row_of_tree(place, row.text[-1], tree, tokens, lengths[place], padding)
            for place, (row, tree, tokens) in enumerate(zip(live, trees, nodes, strict=True))
        ]
        counts = [len(each.tokens) for each in fed]
        kept = self._passed(fed, trees, nodes)
        new, kept_states, read = [], [], []
        for place, (row, whole, tokens) in enumerate(zip(live, trees, nodes, strict=True)):
            stays = kept.nodes[place]
            tree = whole if len(stays) == whole.nodes else whole.only(stays)
            own = [tokens[node] for node in stays]
            verdict = judge_tree(row.rule, tree, own, kept.logits[place], row.text)
            path = [stays[node] for node in verdict.path]
            self._target.runner.compact(place, lengths[place], [0, *(node + 1 for node in path)])
            behind = [0, *(node + 1 for node in verdict.path)]
            kept_states.append(None if kept.states is None else kept.states[place][behind])
            read.append([row.text[-1], *(tokens[node] for node in path)])
            new.append(self._taken(row, whole.nodes, own, verdict))
        self._read(read, kept_states)
        largest = max(tree.nodes for tree in trees)
        self._settle(policy, new, largest, sum(counts), len(guesses[0].candidates), self._seconds() - began)
        return new

    def _passed(
        self, fed: Sequence[RowTokens], trees: Sequence[TokenTree], nodes: Sequence[Sequence[int]]
    ) -> _Passed:
        """Run a pass over trees, and say which nodes went through it."""
        counts = [len(each.tokens) for each in fed]
        runner = self._target.runner
        if self._pruning is None:
            logits, every = self._target.forward(fed), [list(range(tree.nodes)) for tree in trees]
        else:
            logits = self._target.forward(fed, leaving(self._pruning, trees, nodes, counts))
            every, start = [], 0
            stayed = runner.stayed or range(sum(counts))
            through = []
            for tree, count in zip(trees, counts, strict=True):
                own = [place - start for place in stayed if start <= place < start + count]
                every.append([place - 1 for place in own if 0 < place <= tree.nodes])
                through.append(len(own))
                start += count
            counts = through
        states = runner.states.split(counts) if self._guesser.reads_states else None
        return _Passed(every, logits.split(counts), states)

    def _settle(
        self,
        policy: TreePolicy,
        new: Sequence[Sequence[int]],
        nodes: int,
        width: int,
        depth: int,
        seconds: float,
    ) -> None:
        """Tell the policy what came of a round whose pass had so many tokens, and whose guess so many levels."""
        for text, tokens in zip(self._texts, new, strict=True):
            policy.settled(text, len(tokens) - 1, seconds)
        probed = self._costs.seconds(width) + self._costs.guess(depth, len(new))
        policy.passed(nodes, self._as_probed(seconds, probed, depth))

    def _as_probed(self, seconds: float, probed: float, depth: int) -> float:
        """Give what a round would have taken when passes were measured.

        Contexts were shorter then. Times of sizes that are tried would rise with the context, and those of all others
        seem low beside them; so what rounds of any size take more by now is divided out. A round whose guesser had
        much to read before, such as a prompt, does not stand for others.

        Parameters
        ----------
        probed
            What such a pass and such a guess took then.
        depth
            Of the guess; 0 for none.
        """
        behind, self._behind = self._behind, depth == 0
        if depth and behind and not self._guesser.is_free:
            return probed
        ratio = seconds / probed
        self._drift = ratio if self._drift is None else (1 - DRIFT_SHARE) * self._drift + DRIFT_SHARE * ratio
        return seconds / self._drift

    def _grown(
        self, live: Sequence[BatchRow], policy: TreePolicy
    ) -> tuple[list[TokenTree], Sequence[RowGuess]]:
        """Choose a tree for every row, and have its tokens guessed: as deep as it is, where that is chosen before."""
        limits = [min(self._guesser.depth, max(0, row.draft_limit())) for row in live]
        if self._guesser.is_free:
            guesses = self._guessed(live, max(limits))
            return policy.choose(self._asked(live, guesses, limits)), guesses
        if policy.reads_probability:

            def levels(guesses: Sequence[RowGuess]) -> int:
                return min(max(limits), policy.levels(self._asked(live, guesses, limits)))

            nothing = [RowGuess()] * len(live)
            first = levels(nothing)
            # Where tokens are guessed one after another, each guess may ask for a further one.
            most = max(limits) if first and self._guesser.along_path else first
            guesses = self._guessed(live, most, lambda known: levels(known) > len(known[0].candidates))
            return policy.choose(self._asked(live, guesses, limits)), guesses
        trees = policy.choose(self._asked(live, [RowGuess()] * len(live), limits))
        return trees, self._guessed(live, max(tree.depth for tree in trees))

    def _asked(
        self, live: Sequence[BatchRow], guesses: Sequence[RowGuess], limits: Sequence[int]
    ) -> list[Guesses]:
        free = self._guesser.is_free
        return [
            Guesses(
                guess.probability, len(row.new), min(limit, len(guess.candidates)) if free else limit, text
            )
            for row, guess, limit, text in zip(live, guesses, limits, self._texts, strict=True)
        ]

    def _guessed(
        self, live: Sequence[BatchRow], depth: int, goes_on: GoesOn | None = None
    ) -> Sequence[RowGuess]:
        if depth == 0:
            return [RowGuess()] * len(live)
        guesses = self._guesser.guess([row.text for row in live], depth, goes_on)
        for pending, guess in zip(self._pending, guesses, strict=True):
            if guess.candidates:
                pending.guessed(guess.candidates, guess.probability)
        return guesses

    def _padding(self, trees: Sequence[TokenTree]) -> int:
        """Tokens that fill a pass up; several rows fill theirs by themselves."""
        if not self._masks or len(trees) > 1 or trees[0].nodes == 0:
            return 0
        width = trees[0].nodes + 1
        return self._costs.padded(width) - width

    def _taken(self, row: BatchRow, nodes: int, tokens: Sequence[int], verdict: TreeVerdict) -> list[int]:
        """Count a verdict, and give the tokens that become text."""
        accepted, rejected = len(verdict.path), int(verdict.refused)
        row.recorder.drafted += nodes
        # Candidates of one place are refused together, which counts once, as a chain's rejected token does; all
        # others beside the path are dropped without a verdict.
        row.recorder.verified(accepted, rejected, nodes - accepted - rejected)
        for judgement in verdict.judgements:
            row.recorder.judged(judgement)
        return [*(tokens[node] for node in verdict.path), verdict.own_token]

    def _states(self, fed: Sequence[RowTokens]) -> list[Any]:
        """Give the states behind all tokens of each row; None where nobody reads them."""
        if not self._guesser.reads_states:
            return [None] * len(fed)
        return list(self._target.runner.states.split([len(each.tokens) for each in fed]))

    def _read(self, tokens: Sequence[Sequence[int]], states: Sequence[Any]) -> None:
        for row, (own, state) in enumerate(zip(tokens, states, strict=True)):
            self._guesser.read(row, own, state)

    def _policy(self, rows: int) -> TreePolicy:
        # What passes take and what pays is up to the number of rows, by powers of two.
        size = 1 << (rows - 1).bit_length()
        if size not in self._policies:
            self._policies[size] = self._tree.build(self._guesser, self._costs, size)
        return self._policies[size]
