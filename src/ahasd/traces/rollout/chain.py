"""One draft chain: what the draft proposes from one point of the text, for as long as it drafts on."""

from typing import NamedTuple

import numpy as np

from ahasd.traces.rollout.coins import bit_generator, draw_below
from ahasd.traces.rollout.tape import TracePoint, TraceTape


class DraftSignals(NamedTuple):
    """What a drafting policy may see of one drafted token.

    Parameters
    ----------
    entropy
        Entropy of the draft distribution the token was drawn from, nats.
    draft_probability
        The draft's probability of the token.
    predicted_acceptance
        Output of an acceptance head, or None if the trace has none.
    """

    entropy: float
    draft_probability: float
    predicted_acceptance: float | None


class DraftChain:
    """The draft's own path from one point of the text, one token after another without bound.

    Steps 0…K−1 lie on the chain's row. Beyond, while every step of the row was accepted, the chain goes on
    at step 0 of row i + K, and so on. Otherwise it goes on along tails (the steps after the first
    rejection) of rows drawn by the seed. Made by `TraceWalk`; every answer depends only on the trace, the
    seed, the point and the step, never on who asks or in which order.
    """

    __slots__ = (
        "_accepted",
        "_draft_probability",
        "_entropy",
        "_on_text",
        "_point",
        "_predicted",
        "_segments",
        "_tail_draws",
        "_tape",
    )

    def __init__(self, tape: TraceTape, point: TracePoint) -> None:
        self._tape, self._point = tape, point
        # The steps reached so far, as lists: numpy scalars are too slow for the simulator's inner loop.
        self._entropy: list[float] = []
        self._draft_probability: list[float] = []
        self._predicted: list[float] | None = None if tape.trace.predicted_acceptance is None else []
        self._accepted: list[bool] = []
        self._segments: list[TracePoint] = []
        self._on_text = True
        self._tail_draws: np.random.PCG64 | None = None

    def __repr__(self) -> str:
        return f"DraftChain(row={self._point.row}, wrap={self._point.wrap})"

    @property
    def row(self) -> int:
        """Row of the trace the chain starts at."""
        return self._point.row

    @property
    def wrap(self) -> int:
        """How often the walk had wrapped before the chain."""
        return self._point.wrap

    def signals(self, j: int) -> DraftSignals:
        """Return what the draft shows at step j, counted from 0."""
        if not 0 <= j < len(self._entropy):
            self._reach(j)
        predicted = self._predicted
        return DraftSignals(
            self._entropy[j], self._draft_probability[j], None if predicted is None else predicted[j]
        )

    def accepted(self, j: int) -> bool:
        """Return the coin of step j: whether the target accepts the token, given the path before it."""
        if not 0 <= j < len(self._accepted):
            self._reach(j)
        return self._accepted[j]

    def acceptance_probability(self, j: int) -> float | None:
        """Return how likely step j is accepted given its path; None past the row, where nothing was recorded.

        The coin's own probability, which no controller can see: for bounds on what control can do.
        """
        trace = self._tape.trace
        return float(trace.acceptance_probability[self._point.row, j]) if j < trace.steps else None

    def leading_accepted(self, limit: int) -> int:
        """Return how many of the first `limit` tokens precede the chain's first rejection."""
        while self._on_text and len(self._accepted) < limit:
            self._extend()
        return limit if self._on_text else min(limit, self._accepted.index(False))

    def segment(self, index: int) -> TracePoint:
        """Return the point that holds step index·K, all steps before it being accepted."""
        while self._on_text and len(self._segments) <= index:
            self._extend()
        return self._segments[index]

    def _reach(self, j: int) -> None:
        if j < 0:
            raise IndexError(f"step {j} of a draft chain; steps start at 0")
        while len(self._entropy) <= j:
            self._extend()

    def _extend(self) -> None:
        tape = self._tape
        if not self._on_text:
            self._append_tail()
            return
        segments = self._segments
        point = tape.advance(segments[-1], tape.trace.steps) if segments else self._point
        segments.append(point)
        self._append(point, 0)
        self._on_text = all(self._accepted[-tape.trace.steps :])

    def _append_tail(self) -> None:
        tape, wrap = self._tape, self._point.wrap
        if self._tail_draws is None:
            self._tail_draws = bit_generator(tape.seed, "tails", *self._point)
        tails = tape.coin_set(wrap).tails
        row, step = tails[draw_below(self._tail_draws, len(tails))]
        self._append(TracePoint(row, wrap), step)

    def _append(self, point: TracePoint, step: int) -> None:
        """Append the steps of a row from `step` on."""
        trace, row = self._tape.trace, point.row
        self._entropy += trace.entropy[row, step:].tolist()
        self._draft_probability += trace.draft_probability[row, step:].tolist()
        self._accepted += self._tape.coin_set(point.wrap).coins[row, step:].tolist()
        if self._predicted is not None and trace.predicted_acceptance is not None:
            self._predicted += trace.predicted_acceptance[row, step:].tolist()
