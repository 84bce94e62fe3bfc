"""Which expert lies in which buffer, and what comes and goes."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ahasd.decoding.experts.reading_thread import Fetch, ReadingThread
from ahasd.experts.cache.cache import ExpertCache

#: Reads an expert, of a row of layers, into a buffer.
Read = Callable[[int, int, Any], None]


@dataclass(slots=True)
class Traffic:
    """What the experts of a run came to.

    Attributes
    ----------
    hits, misses
        By layer: experts that tokens took, resident when they were needed or not. One whose read a prefetch has begun
        counts as resident, whether it is done or waited for: what the cache decides depends on no clock.
    prefetched, prefetched_used
        Experts read ahead of need, and those of them that were taken before they gave way.
    left_out
        Experts that routers chose and the gate left out; neither hit nor miss.
    seconds_waited
        For reads.
    unused
        What was read ahead and is still there, not taken yet.
    """

    hits: list[int]
    misses: list[int]
    prefetched: int = 0
    prefetched_used: int = 0
    left_out: int = 0
    seconds_waited: float = 0.0
    unused: set[tuple[int, int]] = field(default_factory=set)


class Residency:
    """The buffers of all layers, filled and emptied as the caches decide.

    Parameters
    ----------
    caches
        One for each layer, or one and the same for all.
    experts
        Of a layer.
    shared
        Whether all layers have one cache, in which an expert's number is ``row * experts + expert``.
    buffers
        Tensor (buffers, numbers): slots of all caches, those that one token needs beside them, and one more.
    read
        Fills one.
    thread
        Does so.
    """

    def __init__(
        self,
        caches: Sequence[ExpertCache],
        experts: int,
        shared: bool,
        buffers: Any,
        read: Read,
        thread: ReadingThread,
    ) -> None:
        self._caches, self._experts, self._shared = caches, experts, shared
        self._buffers, self._read, self._thread = buffers, read, thread
        self._free = list(range(len(buffers)))[::-1]
        self._busy: list[int] = []  # of the token that is computed
        self._leaving: list[int] = []  # those of them whose expert is resident no more
        self._where: dict[tuple[int, int], int] = {}
        self._fetches: list[Fetch | None] = [None] * len(buffers)
        self.traffic = Traffic([0] * len(caches), [0] * len(caches))

    def routed(self, row: int, experts: Sequence[int], scores: Sequence[float]) -> None:
        """Tell the cache of a layer the highest scores of its router, falling."""
        self._caches[row].routed([self._number(row, expert) for expert in experts], scores)

    def take(self, row: int, chosen: Sequence[int]) -> list[int]:
        """Have the experts of one token, in the order in which the cache is to hear of them.

        Returns
        -------
        list of int
            The buffer of each, to be waited for by `wait`; they stay until `done`.
        """
        cache, traffic = self._caches[row], self.traffic
        for expert in chosen:
            number, place = self._number(row, expert), (row, expert)
            if number in cache.resident:
                cache.used(number)
                traffic.hits[row] += 1
                buffer = self._where[place]
                if place in traffic.unused:
                    traffic.unused.discard(place)
                    traffic.prefetched_used += 1
                fetch = self._fetches[buffer]
                if fetch is not None:
                    self._thread.hurry(fetch)
            else:
                traffic.misses[row] += 1
                buffer = self._bring_in(row, expert, urgent=True)
            self._busy.append(buffer)
        return list(self._busy)

    def done(self) -> None:
        """Say that the experts of the token are computed; those that gave way meanwhile leave."""
        self._busy = []
        self._free += self._leaving
        self._leaving = []

    def resident(self, row: int, expert: int) -> bool:
        """Whether the cache holds an expert."""
        return self._number(row, expert) in self._caches[row].resident

    def prefetch(self, row: int, expert: int) -> None:
        """Fetch an expert that is not resident before it is asked for; its cache decides what gives way."""
        if self._caches[row].slots == 0:
            return
        self.traffic.prefetched += 1
        self._bring_in(row, expert, urgent=False)
        if self.resident(row, expert):
            self.traffic.unused.add((row, expert))

    def ready(self, buffer: int) -> bool:
        """Whether a buffer need not be waited for."""
        fetch = self._fetches[buffer]
        return fetch is None or (fetch.done.is_set() and fetch.error is None)

    def wait(self, buffer: int) -> Any:
        """Give the tensor (numbers,) of a buffer once it is filled.

        Raises
        ------
        AhasdError
            Reading it failed.
        """
        fetch = self._fetches[buffer]
        if fetch is not None:
            began = time.perf_counter()
            self._thread.wait(fetch)
            self.traffic.seconds_waited += time.perf_counter() - began
            self._fetches[buffer] = None
        return self._buffers[buffer]

    def close(self) -> None:
        """Let go of the buffers, which patched modules refer to in circles that are collected much later."""
        self._buffers = self._buffers[:0].clone()
        self._fetches = []

    def _bring_in(self, row: int, expert: int, urgent: bool) -> int:
        """Start reading an expert into a free buffer; whatever gives way leaves as soon as no token needs it."""
        number, place = self._number(row, expert), (row, expert)
        buffer = self._free.pop()
        former = self._fetches[buffer]
        if former is not None:  # an expert that gave way before it came
            self._thread.drop(former)
        self._fetches[buffer] = self._thread.ask(
            lambda: self._read(row, expert, self._buffers[buffer]), urgent
        )
        victim = self._caches[row].admit(number)
        if victim == number:
            self._leave(buffer, needed=urgent)
            return buffer
        self._where[place] = buffer
        if victim is not None:
            gone = divmod(victim, self._experts) if self._shared else (row, victim)
            self.traffic.unused.discard(gone)
            given = self._where.pop(gone)
            self._leave(given, needed=given in self._busy)
        return buffer

    def _leave(self, buffer: int, needed: bool) -> None:
        (self._leaving if needed else self._free).append(buffer)

    def _number(self, row: int, expert: int) -> int:
        return row * self._experts + expert if self._shared else expert
