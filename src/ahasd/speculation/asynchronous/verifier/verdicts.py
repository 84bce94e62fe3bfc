"""Where every verdict goes: into the text, and to the drafter."""

from collections.abc import Callable

from ahasd.speculation.asynchronous.shared import Shared
from ahasd.speculation.asynchronous.text import VerdictMessage
from ahasd.speculation.asynchronous.verifier.backlog import Backlog
from ahasd.traces.rollout.walk import DraftChain


class Verdicts:
    """Settles what was verified, by a pass or by a pre-verification.

    Attributes
    ----------
    on_sent
        Called after each verdict.
    """

    def __init__(self, shared: Shared, backlog: Backlog) -> None:
        self._shared, self._backlog = shared, backlog
        self.on_sent: Callable[[], None] = lambda: None

    def settle(self, chain: DraftChain, until: int, rejected: bool, bonus: bool) -> None:
        """Let the text go on after the verified tokens, and tell the drafter.

        Parameters
        ----------
        chain, until
            The tokens of the chain before the offset are emitted.
        rejected
            Whether the next one was rejected.
        bonus
            Whether the target emits its bonus token.
        """
        shared, text = self._shared, self._shared.text
        if rejected:
            text.reject(shared.now)
        elif bonus:
            text.bonus(shared.now)
        left = text.chain is not chain
        if left:
            shared.entries.roll_back(shared.machine.lengths.prompt + text.base - 1)
        shared.feedback.push(
            VerdictMessage(
                chain,
                until,
                rejected,
                text.chain if left else None,
                text.base,
                shared.arrival,
            ),
            shared.now,
        )
        self._backlog.drop_settled()
        self.on_sent()
