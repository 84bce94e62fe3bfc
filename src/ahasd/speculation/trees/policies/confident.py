"""Trees as large as the guesses at hand are worth: of many sure ones many, of unsure ones few or none."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ahasd.speculation.trees.calibrated_chances import CalibratedChances
from ahasd.speculation.trees.growing.likeliest_paths import GrowingTree, likeliest_paths
from ahasd.speculation.trees.guesses import Guesses, Probabilities
from ahasd.speculation.trees.guessing_gain import GuessingGain
from ahasd.speculation.trees.head_accuracy import HeadAccuracy
from ahasd.speculation.trees.pass_time.pass_time import PassTime
from ahasd.speculation.trees.policies.best_first import REFRESH
from ahasd.speculation.trees.policy import TreePolicy
from ahasd.speculation.trees.token_tree import NO_TREE, TokenTree

#: A pass counts for at most so many times what one of its width took before: another program may have been in its
#: way. Ours.
SLOWEST = 1.5

#: First levels of guesses that are remembered, and rounds that are planned with them at most (ours).
REMEMBERED, PLANS = 64, 16


@dataclass(frozen=True, slots=True)
class _Plan:
    """Nodes of every row's tree, their levels, the tokens that a round is expected to bring, and its seconds."""

    nodes: tuple[int, ...]
    depth: int
    tokens: float
    seconds: float


class ConfidentTree(TreePolicy):
    """Spends a pass's tokens on the likeliest paths of all texts together, by what the guesser says here (ours).

    DySpec (arXiv 2410.11744) grows the likeliest paths by what the draft says at each place, but always as many;
    ProPD (2402.13485) chooses how many, but the same for every place. Here a node is added as long as its chance is
    worth more tokens than its time: those that decoding brings in the mean in that time. So is a level of guesses,
    which is asked for before it is known, by how often such guesses were right.

    Parameters
    ----------
    accuracy
        Of guesses that are not made yet.
    time
        Seconds of a pass by its tokens, of all texts together; known for `widths`.
    widths
        Tokens of passes to choose from, rising.
    guess_seconds
        Of guessing so many levels for so many texts.
    """

    reads_probability = True

    def __init__(
        self,
        accuracy: HeadAccuracy,
        time: PassTime,
        widths: Sequence[int],
        guess_seconds: Callable[[int, int], float],
    ) -> None:
        self._accuracy, self._time, self._widths = accuracy, time, tuple(widths)
        self._guess_seconds = guess_seconds
        self._chances = CalibratedChances()
        self._gain = GuessingGain()
        self._each = accuracy.each
        self._passes = 0
        #: Of this round: rows, levels that were guessed, tokens of the pass, tokens that it brought.
        self._rows = self._levels = self._width = self._brought = 0
        #: Tokens and seconds that rounds with guesses are expected to have, by the number of rows.
        self._expected: dict[int, tuple[float, float]] = {}
        #: First levels that were guessed of late, whose mean hides that some are sure.
        self._lately: deque[Sequence[float]] = deque(maxlen=REMEMBERED)

    def levels(self, rows: Sequence[Guesses]) -> int:
        """Return as many as the best plan has; none where guessing does not pay."""
        known = len(rows[0].probability)
        if known == 0 and (self._ends(rows) or not self._guesses(len(rows))):
            return 0
        return max(1, self._plan(rows, len(self._each)).depth)

    def choose(self, rows: Sequence[Guesses]) -> list[TokenTree]:
        """Return the likeliest paths, as many in all as their time is worth."""
        self._rows, self._levels, self._brought = len(rows), len(rows[0].probability), 0
        self._width = len(rows)
        if self._levels == 0:
            return [NO_TREE] * len(rows)
        self._lately.extend(row.probability[0] for row in rows)
        growing = self._growing(rows, self._levels)
        plan = self._best(growing, self._levels)
        self._width += sum(plan.nodes)
        return [
            TokenTree(tuple(tree.parents[:nodes]), tuple(tree.ranks[:nodes]))
            for tree, nodes in zip(growing, plan.nodes, strict=True)
        ]

    def settled(self, text: int, accepted: int, seconds: float) -> None:
        """Count tokens."""
        self._brought += accepted + 1

    def passed(self, nodes: int, seconds: float) -> None:
        """Learn what passes of this width take, and what guessing gains."""
        rows, width = self._rows, self._width
        known = self._time.seconds(width)
        guessing = self._guess_seconds(self._levels, rows)
        self._time.observe(width, min(max(seconds - guessing, known / SLOWEST), SLOWEST * known))
        if self._levels:
            plain = self._time.seconds(rows)
            taken = min(seconds, SLOWEST * (known + guessing))
            self._gain.took(self._brought * plain / rows, taken, plain)
        self._passes += 1
        if self._passes % REFRESH == 0:
            self._each = self._accuracy.each
        if self._passes % (2 * REFRESH) == 0:
            self._expected.clear()

    def judged(self, head: int, rank: int | None, said: Sequence[float] = ()) -> None:
        """Learn how often such guesses are right."""
        self._accuracy.judge(head, rank)
        self._chances.judge(rank, said)

    def _ends(self, rows: Sequence[Guesses]) -> bool:
        return not any(row.deepest for row in rows)

    def _guesses(self, rows: int) -> bool:
        """Whether to guess for so many texts."""
        tokens, seconds = self._expectation(rows)
        loss = seconds / self._time.seconds(rows) - tokens / rows
        return self._gain.guesses(self._expected_gain(rows), loss, rows)

    def _expected_gain(self, rows: int) -> float:
        """Return what is thought of guessing beforehand."""
        tokens, seconds = self._expectation(rows)
        return tokens / seconds * self._time.seconds(rows) / rows

    def _expectation(self, rows: int) -> tuple[float, float]:
        """Return a round's tokens and seconds by guesses of late, or by how often guesses were right."""
        if rows not in self._expected:
            deepest = len(self._each)
            said: list[Probabilities] = [(each,) for each in self._lately] or [()]
            # Batches of these, the last ones again where they are few.
            texts = [Guesses(said[place % len(said)], 0, deepest) for place in range(max(rows, len(said)))]
            batches = [texts[start : start + rows] for start in range(0, len(texts) - rows + 1, rows)]
            plans = [self._plan(batch, deepest, 1.0) for batch in batches[-PLANS:]]
            # With a level at least: that is what it takes to know more.
            least = self._guess_seconds(1, rows)
            seconds = [
                plan.seconds + (0.0 if plan.depth or batch[0].probability else least)
                for plan, batch in zip(plans, batches[-PLANS:], strict=True)
            ]
            count = len(plans)
            self._expected[rows] = sum(plan.tokens for plan in plans) / count, sum(seconds) / count
        return self._expected[rows]

    def _plan(self, rows: Sequence[Guesses], deepest: int, gain: float | None = None) -> _Plan:
        return self._best(self._growing(rows, deepest), len(rows[0].probability), gain)

    def _growing(self, rows: Sequence[Guesses], deepest: int) -> list[GrowingTree]:
        """Begin a tree for every row, with the chances of guesses, made or not."""
        found = []
        for row in rows:
            levels = min(deepest, row.deepest)
            known = [self._chances.of(said) for said in row.probability[:levels]]
            found.append(GrowingTree([*known, *self._each[len(known) : levels]], self._accuracy.along_path))
        return found

    def _best(self, growing: Sequence[GrowingTree], known: int, gain: float | None = None) -> _Plan:
        """Grow trees, and return how far it is worth it.

        Parameters
        ----------
        growing
            Without nodes.
        known
            Levels that are guessed already.
        gain
            Over plain decoding, of rounds in the mean; what it is by now if not given.
        """
        rows = width = len(growing)
        plain, tokens = self._time.seconds(rows), float(rows)
        if gain is None:
            gain = max(1.0, self._gain.of(self._expected_gain(rows), rows))
        rate = gain * rows / plain
        best = _Plan((0,) * rows, 0, tokens, plain + self._guess_seconds(known, rows))
        wider = [each for each in self._widths if each > rows]
        for likely in likeliest_paths(growing):
            tokens, width = tokens + likely, width + 1
            if not wider or width < wider[0]:
                continue
            wider.pop(0)
            depth = max(max(tree.depths, default=0) for tree in growing)
            taken = self._time.seconds(width)
            seconds = taken + self._guess_seconds(max(known, depth), rows)
            if tokens - rate * seconds > best.tokens - rate * best.seconds:
                best = _Plan(tuple(len(tree.parents) for tree in growing), depth, tokens, seconds)
            # Further paths are no likelier than this one.
            if all((each - width) * likely < rate * (self._time.seconds(each) - taken) for each in wider):
                break
        return best
