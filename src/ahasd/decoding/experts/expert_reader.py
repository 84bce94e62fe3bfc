"""Reads experts out of the files of a model, past the page cache, and copies one piece while the next is read."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.experts.aligned_memory import ALIGNMENT, AlignedMemory, aligned_down, aligned_up
from ahasd.decoding.experts.direct_file import DirectFile
from ahasd.decoding.experts.expert_places import ExpertPlaces, Piece
from ahasd.decoding.experts.reading_thread import ReadingThread
from ahasd.decoding.experts.tensor_index import SIZES

#: Bytes of one read, unless a probe found others; larger ones are no faster on any disk we tried.
PIECE_BYTES = 2**20

_TYPES = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}


@dataclass(frozen=True, slots=True)
class _Step:
    """One read: of a stretch of a file, the bytes from `start` to `stop`."""

    run: Sequence[Piece]
    start: int
    stop: int


class ExpertReader:
    """Files of a model, open for reading by one thread at a time.

    Parameters
    ----------
    places
        Where the experts lie.
    piece_bytes
        Bytes of one read at most, rounded up to whole pages.

    Attributes
    ----------
    bytes_read
        Of experts that were handed out: reads times the size of an expert. What the disk moved beside that, up to a
        page at each end of a run of weights, is in `bytes_moved`.
    seconds
        Spent in reading.
    """

    def __init__(self, places: ExpertPlaces, piece_bytes: int = PIECE_BYTES) -> None:
        self._places = places
        self._piece = aligned_up(max(1, piece_bytes))
        self._size = SIZES[places.dtype]
        self._runs = [[_runs(expert) for expert in row] for row in places.pieces]
        runs = [run for row in self._runs for expert in row for run in expert]
        if any(run[0].start % self._size for run in runs):
            # No number may lie across two reads; files whose tensors lie at odd places are read a run at a time.
            self._piece = max(aligned_up(run[-1].stop - run[0].start) + ALIGNMENT for run in runs)
        # Two: one is read into while the other is copied on.
        self._memories = AlignedMemory(self._piece + ALIGNMENT), AlignedMemory(self._piece + ALIGNMENT)
        self._ahead = ReadingThread()
        self._files: dict[Path, DirectFile] = {}
        self.bytes_read = self.bytes_moved = 0
        self.seconds = 0.0
        try:
            for path in sorted({piece.path for row in places.pieces for expert in row for piece in expert}):
                self._files[path] = DirectFile(path)
        except BaseException:
            self.close()
            raise

    @property
    def direct(self) -> bool:
        """Whether all files are read past the page cache."""
        return all(file.direct for file in self._files.values())

    @property
    def staging_bytes(self) -> int:
        """Memory that reads go through."""
        return sum(len(memory.view) for memory in self._memories)

    def read(self, row: int, expert: int, slot: Any) -> None:
        """Read one expert.

        Parameters
        ----------
        row, expert
            Which one.
        slot
            Tensor (numbers,) on any device and of any type; the numbers are converted to it.

        Raises
        ------
        AhasdError
            The disk failed, or the file changed meanwhile.
        """
        began = time.perf_counter()
        steps = [step for run in self._runs[row][expert] for step in self._steps(run)]
        arriving = self._begin(steps, 0)
        for number, step in enumerate(steps):
            at = arriving()
            arriving = self._begin(steps, number + 1)
            self._copy(step, self._memories[number % 2].view, at, slot)
        self.bytes_read += self._places.stored_bytes
        self.seconds += time.perf_counter() - began

    def _steps(self, run: Sequence[Piece]) -> list[_Step]:
        """Cut a stretch of a file into reads."""
        position, stop, steps = run[0].start, run[-1].stop, []
        self._files[run[0].path].check_unchanged()
        while position < stop:
            end = min(aligned_down(position) + self._piece, stop)
            steps.append(_Step(run, position, end))
            position = end
        return steps

    def _begin(self, steps: Sequence[_Step], number: int) -> Callable[[], int]:
        """Begin a read; what it gives waits for it and says where its first byte lies.

        A read that is the only one is done when it is waited for: nothing could be copied meanwhile.
        """
        if number >= len(steps):
            return lambda: 0
        step, view = steps[number], self._memories[number % 2].view
        file = self._files[step.run[0].path]

        at: list[int] = []

        def read() -> None:
            at.append(file.read_into(view, step.start, step.stop, self._piece))

        def wait() -> int:
            if fetch is None:
                read()
            else:
                self._ahead.wait(fetch)
            return at[0]

        fetch = self._ahead.ask(read, urgent=True) if len(steps) > 1 else None
        return wait

    def _copy(self, step: _Step, view: memoryview, at: int, slot: Any) -> None:
        """Copy what was read to where it belongs, as numbers of the slot's type."""
        self.bytes_moved += aligned_up(at + step.stop - step.start)
        for piece in step.run:
            first, last = max(piece.start, step.start), min(piece.stop, step.stop)
            if first < last:
                there = at + first - step.start
                numbers = torch.frombuffer(
                    view[there : there + last - first], dtype=_TYPES[self._places.dtype]
                )
                into = piece.at + (first - piece.start) // self._size
                slot[into : into + len(numbers)].copy_(numbers)

    def close(self) -> None:
        """Close the files and give the memory back, when a read under way has ended."""
        self._ahead.close()
        for file in self._files.values():
            file.close()
        self._files = {}
        for memory in self._memories:
            memory.close()


def _runs(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Join pieces that lie side by side in a file, so that each run is one stretch of reads."""
    runs: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: (piece.path, piece.start)):
        if runs and runs[-1][-1].path == piece.path and runs[-1][-1].stop == piece.start:
            runs[-1].append(piece)
        else:
            runs.append([piece])
    return runs
