"""Weights of a model in one piece of memory that processes share."""

import mmap
import os
import tempfile
from collections.abc import Iterable
from multiprocessing import reduction
from typing import Any
from weakref import WeakValueDictionary, finalize

from ahasd.decoding.backend import torch
from ahasd.errors import AhasdError

#: Tensors begin at multiples of this, which suits every type and instruction. Ours.
ALIGNMENT = 64


class WeightArena:
    """One file without a name, mapped by every process that has it; a single descriptor for any number of tensors.

    It does not lie in /dev/shm, of which a container of Docker has 64 MB, and takes no descriptor for each tensor, of
    which ``ulimit -n`` may allow 256; what torch.multiprocessing does by itself does both.

    Pickled on its way into a process that is being spawned, it arrives as the same memory.

    Parameters
    ----------
    size
        Bytes.
    descriptor
        Of an arena that exists, which this one takes over; None makes one.
    """

    def __init__(self, size: int, descriptor: int | None = None) -> None:
        self.size = size
        self._descriptor = _unnamed_file(size) if descriptor is None else descriptor
        memory = mmap.mmap(self._descriptor, max(1, size))
        # Every view of it keeps the mapping alive.
        self.bytes = torch.frombuffer(memory, dtype=torch.uint8)
        self._start = int(self.bytes.data_ptr())
        _ARENAS[self._start] = self

    def __del__(self) -> None:
        if hasattr(self, "_descriptor"):
            os.close(self._descriptor)

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return _join, (self.size, reduction.DupFd(self._descriptor))

    def view(self, start: int, dtype: Any, size: tuple[int, ...], stride: tuple[int, ...]) -> Any:
        """Give the tensor whose first element lies at a byte."""
        whole = self.bytes[start % dtype.itemsize :]
        whole = whole[: len(whole) // dtype.itemsize * dtype.itemsize].view(dtype)
        return whole.as_strided(size, stride, start // dtype.itemsize)

    def place(self, tensor: Any) -> int:
        """Give the byte at which a tensor of this arena begins."""
        return int(tensor.data_ptr()) - self._start


#: Those of this process, by where they begin; a tensor in one of them is not moved again.
_ARENAS: WeakValueDictionary[int, WeightArena] = WeakValueDictionary()


def arena_of(tensor: Any) -> WeightArena | None:
    """Give the arena that a tensor lies in; None if it lies in none."""
    return _ARENAS.get(int(tensor.untyped_storage().data_ptr()))


def can_share(tensor: Any) -> bool:
    """Whether a tensor can lie in an arena: an ordinary one of this machine's main memory."""
    return (
        os.name == "posix"
        and type(tensor) in (torch.Tensor, torch.nn.Parameter)
        and tensor.device.type == "cpu"
        and tensor.layout == torch.strided
        and not tensor.is_quantized
        and tensor.numel() > 0
    )


def move_into_arena(tensors: Iterable[Any]) -> None:
    """Put the values of tensors into one arena, unless they are in one; whoever holds the tensors sees no difference.

    Raises
    ------
    AhasdError
        If there is no room.
    """
    waiting = {id(tensor): tensor for tensor in tensors if can_share(tensor) and arena_of(tensor) is None}
    starts, size = {}, 0
    for key, tensor in waiting.items():
        starts[key] = size
        size += -(-tensor.numel() * tensor.itemsize // ALIGNMENT) * ALIGNMENT
    if not waiting:
        return
    arena = WeightArena(size)
    with torch.no_grad():
        for key, tensor in waiting.items():
            # Columns that lie together stay so (`ahasd.decoding.models.matrix_layout`).
            dense = torch.empty_like(tensor, device="meta", memory_format=torch.preserve_format)
            moved = arena.view(starts[key], tensor.dtype, tuple(dense.shape), dense.stride())
            moved.copy_(tensor.detach())
            tensor.data = moved
            # Arena and descriptor last as long as the tensors. (An attribute of theirs would be copied along.)
            finalize(tensor, _forget, arena).atexit = False


def _forget(arena: WeightArena) -> None:
    """Nothing is left to do; whoever is to be called holds the arena until then."""


def _join(size: int, descriptor: Any) -> WeightArena:
    return WeightArena(size, descriptor.detach())


def _unnamed_file(size: int) -> int:
    try:
        if hasattr(os, "memfd_create"):
            descriptor = os.memfd_create("ahasd-weights")
        else:
            with tempfile.TemporaryFile() as file:
                descriptor = os.dup(file.fileno())
        os.ftruncate(descriptor, max(1, size))
    except OSError as error:
        raise AhasdError(
            f"asynchronous decoding: no shared memory for {size / 2**20:.0f} MiB of weights ({error})"
        ) from error
    return descriptor
