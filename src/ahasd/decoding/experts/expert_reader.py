"""Reads experts out of the files of a model, past the page cache."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.experts.aligned_memory import ALIGNMENT, AlignedMemory, aligned_down, aligned_up
from ahasd.decoding.experts.direct_file import DirectFile
from ahasd.decoding.experts.expert_places import ExpertPlaces, Piece
from ahasd.decoding.experts.tensor_index import SIZES

#: Bytes of one read, unless a probe found others; larger ones are no faster on any disk we tried.
PIECE_BYTES = 2**20

_TYPES = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}


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
        self._memory = AlignedMemory(self._piece + ALIGNMENT)
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
        return len(self._memory.view)

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
        for run in self._runs[row][expert]:
            self._read_run(run, slot)
        self.bytes_read += self._places.stored_bytes
        self.seconds += time.perf_counter() - began

    def _read_run(self, run: Sequence[Piece], slot: Any) -> None:
        """Read a stretch of a file piece by piece, each copied on while it is in the processor's cache."""
        file, position, stop = self._files[run[0].path], run[0].start, run[-1].stop
        file.check_unchanged()
        while position < stop:
            end = min(aligned_down(position) + self._piece, stop)
            at = file.read_into(self._memory.view, position, end, self._piece)
            self.bytes_moved += aligned_up(at + end - position)
            for piece in run:
                first, last = max(piece.start, position), min(piece.stop, end)
                if first < last:
                    there = at + first - position
                    numbers = torch.frombuffer(
                        self._memory.view[there : there + last - first], dtype=_TYPES[self._places.dtype]
                    )
                    into = piece.at + (first - piece.start) // self._size
                    slot[into : into + len(numbers)].copy_(numbers)
            position = end

    def close(self) -> None:
        """Close the files and give the memory back."""
        for file in self._files.values():
            file.close()
        self._files = {}
        self._memory.close()


def _runs(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Join pieces that lie side by side in a file, so that each run is one stretch of reads."""
    runs: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: (piece.path, piece.start)):
        if runs and runs[-1][-1].path == piece.path and runs[-1][-1].stop == piece.start:
            runs[-1].append(piece)
        else:
            runs.append([piece])
    return runs
