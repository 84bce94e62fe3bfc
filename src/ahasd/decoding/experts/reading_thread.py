"""One thread that fetches experts: those that are waited for before those that are only expected."""

import threading
from collections import deque
from collections.abc import Callable

from ahasd.errors import AhasdError

#: A read of an expert takes milliseconds, of the largest a second; a disk that answers this late is gone (ours).
PATIENCE_S = 60.0


class Fetch:
    """An expert that is on its way, or there.

    Parameters
    ----------
    work
        Fetches it.
    """

    def __init__(self, work: Callable[[], None]) -> None:
        self.work = work
        self.done = threading.Event()
        self.error: BaseException | None = None


class ReadingThread:
    """Fetches one after the other, in the order of the requests but urgent ones first.

    Parameters
    ----------
    patience_s
        What a fetch that is waited for may take.
    """

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._urgent: deque[Fetch] = deque()
        self._expected: deque[Fetch] = deque()
        self._change = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="ahasd-experts", daemon=True)
        self._thread.start()

    def ask(self, work: Callable[[], None], urgent: bool) -> Fetch:
        """Have something fetched."""
        fetch = Fetch(work)
        with self._change:
            (self._urgent if urgent else self._expected).append(fetch)
            self._change.notify()
        return fetch

    def hurry(self, fetch: Fetch) -> None:
        """Put what is only expected, and not begun, among what is urgent."""
        with self._change:
            if fetch in self._expected:
                self._expected.remove(fetch)
                self._urgent.append(fetch)

    def drop(self, fetch: Fetch) -> None:
        """Forget what is not begun, and wait for what is, whatever comes of it."""
        with self._change:
            for waiting in (self._urgent, self._expected):
                if fetch in waiting:
                    waiting.remove(fetch)
                    return
        fetch.done.wait(self._patience_s)

    def wait(self, fetch: Fetch) -> None:
        """Wait until it is there.

        Raises
        ------
        AhasdError
            It failed, or takes longer than a disk that works would.
        """
        if not fetch.done.wait(self._patience_s):
            raise AhasdError(
                f"an expert has been read for {self._patience_s:g} s and is not there; see whether the disk is well"
            )
        if fetch.error is not None:
            raise fetch.error

    def close(self) -> None:
        """End it; what it has not begun is dropped."""
        with self._change:
            self._closed = True
            self._urgent.clear()
            self._expected.clear()
            self._change.notify()
        self._thread.join(self._patience_s)

    def _run(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._urgent or self._expected or self._closed)
                if self._closed:
                    return
                fetch = (self._urgent or self._expected).popleft()
            try:
                fetch.work()
            except BaseException as error:  # whoever waits for it gets it
                fetch.error = error
            fetch.done.set()
