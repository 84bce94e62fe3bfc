"""A trace as a tape that is played again and again: which row follows which, and the coins of every pass."""

from bisect import bisect_right
from typing import Literal, NamedTuple, get_args

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.traces.rollout.coins import CoinSet, draw_coins
from ahasd.traces.rollout.rollout import RolloutTrace

Coins = Literal["redrawn", "recorded"]

#: Chains in flight are at most a wrap or two apart; a coin set that was dropped is drawn again from the
#: seed, with the same result. (ours)
_COIN_SETS_KEPT = 4


class TracePoint(NamedTuple):
    """A point of the text: a row of the trace, and how often the walk had wrapped before it."""

    row: int
    wrap: int


class TraceTape:
    """What lies where, for whoever asks and in whichever order: rows behind rows, and coins by wrap.

    Parameters
    ----------
    trace
        What to replay.
    seed
        At least 0. Redraws the coins.
    coins
        ``"redrawn"`` draws a fresh coin set from `acceptance_probability` for every wrap; ``"recorded"``
        keeps the recorded ones. A greedy trace has no chance in it and keeps the recorded ones always.

    Raises
    ------
    AhasdError
        If the seed is negative.
    UnknownNameError
        If `coins` is neither of the two.
    """

    def __init__(self, trace: RolloutTrace, seed: int, coins: Coins = "redrawn") -> None:
        if seed < 0:
            raise AhasdError(f"seed is {seed}; must be at least 0")
        if coins not in get_args(Coins):
            raise UnknownNameError("coins", coins, get_args(Coins))
        self.trace, self.seed = trace, seed
        self._redraws = coins == "redrawn" and trace.header.mode == "sampled"
        self._prompt_start: list[int] = trace.prompt_start.tolist()
        self._coin_sets: dict[int, CoinSet] = {}

    def advance(self, point: TracePoint, rows: int) -> TracePoint:
        """Go on by some rows; past a prompt's end lies the next one's start, after the last the first."""
        prompt = bisect_right(self._prompt_start, point.row)
        end = self._prompt_start[prompt]
        if point.row + rows < end:
            return TracePoint(point.row + rows, point.wrap)
        return TracePoint(end, point.wrap) if prompt < self.trace.prompts else TracePoint(0, point.wrap + 1)

    def coin_set(self, wrap: int) -> CoinSet:
        """Return the coins of a wrap."""
        wrap = wrap if self._redraws else 0
        coins = self._coin_sets.get(wrap)
        if coins is None:
            if len(self._coin_sets) >= _COIN_SETS_KEPT:
                del self._coin_sets[min(self._coin_sets)]
            coins = self._coin_sets[wrap] = CoinSet(
                draw_coins(self.trace.acceptance_probability, self.seed, "coins", wrap)
                if self._redraws
                else self.trace.accepted.astype(bool)
            )
        return coins
