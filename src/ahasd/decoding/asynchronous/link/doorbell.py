"""How a side sleeps until the other has published."""

from multiprocessing.context import BaseContext


class Doorbell:
    """A semaphore that a writer raises after it has published.

    Whoever waits looks at the board first, and waits only if nothing was there: what is published after the look
    has rung by then or will, so no publication is slept through. Nobody spins. (Not a condition variable: its
    notifier waits for a sleeper, who may have been killed.)
    """

    def __init__(self, context: BaseContext) -> None:
        self._semaphore = context.Semaphore(0)

    def ring(self) -> None:
        """Wake whoever waits, or let the next wait end at once."""
        self._semaphore.release()

    def wait(self, seconds: float) -> bool:
        """Sleep until it has rung since the last wait, or so many seconds; returns whether it has."""
        rung = self._semaphore.acquire(timeout=seconds)
        while rung and self._semaphore.acquire(block=False):
            pass
        return rung
