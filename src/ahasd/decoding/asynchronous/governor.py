"""When the drafter ends a batch, and when it waits for a verdict before it drafts on."""

from collections.abc import Callable

from ahasd.decoding.clock import picoseconds
from ahasd.speculation.draft_batches import DraftBatches
from ahasd.traces.rollout.chain import DraftSignals


class Governor:
    """Puts the drafter's tokens into batches, as the simulated drafter does, by the clock of this machine.

    Parameters
    ----------
    batches
        Fresh; with EDC the drafter waits for a verdict whenever that does not say to draft ahead.
    longest
        Tokens of a batch at most, whatever the policy says; None for no other limit.
    clock
        Picoseconds from any start.
    """

    def __init__(
        self, batches: DraftBatches, longest: int | None = None, clock: Callable[[], int] = picoseconds
    ) -> None:
        self._batches, self._longest, self._clock = batches, longest, clock
        self._step_began = 0
        self._waits = False
        batches.begin()

    @property
    def waits(self) -> bool:
        """Whether a verdict has to come before the next token."""
        return self._waits

    def step_begins(self) -> None:
        """Take note that work on a token begins."""
        self._step_began = self._clock()

    def drafted(self, signals: DraftSignals) -> bool:
        """Take note of a token; whether its batch ends with it."""
        batches = self._batches
        batches.add(signals, self._step_began)
        if not batches.ends() and batches.length != self._longest:
            return False
        prediction = batches.hand_over(batches.close())
        self._waits = prediction is not None and not prediction.keep_drafting
        batches.begin()
        return True

    def verified(self, length: int) -> None:
        """The text has so many tokens after the prompt, and the batches agree with them."""
        self._waits = False
        self._batches.settle(length, rejected=False, now=self._clock())

    def restart(self, length: int, divergence: int, rejected: bool) -> None:
        """Drop what is not text: the next batch begins behind the text.

        Parameters
        ----------
        length
            Of the text after the prompt.
        divergence
            Place of the first token that the batches do not agree with.
        rejected
            Whether the drafted token at that place was judged and rejected. Otherwise the verifier has put its own
            token where it saw no draft.
        """
        self._waits = False
        now = self._clock()
        self._batches.settle(divergence, rejected, now)
        if rejected:
            # Tokens are published one by one, so the batch under way may have been judged too.
            self._batches.settle_under_way(divergence, now)
        self._batches.restart(length)
        self._batches.begin()
