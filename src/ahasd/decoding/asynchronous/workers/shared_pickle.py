"""An object on its way into another process, all of whose tensors lie in shared memory."""

import io
import pickle
import sys
from multiprocessing.reduction import ForkingPickler
from typing import Any, NamedTuple

from ahasd.decoding.asynchronous.workers.weight_arena import ALIGNMENT, WeightArena, arena_of, can_share
from ahasd.decoding.backend import torch


class SharedPickle:
    """Holds an object; pickled for a process that is being spawned, it arrives with the same memory in its tensors.

    Tensors on other devices go the way of torch.multiprocessing.

    Parameters
    ----------
    content
        Anything that can be pickled.
    """

    def __init__(self, content: Any) -> None:
        self.content = content
        # The process is spawned after the pickling, and wants the descriptors then.
        self._sent: list[WeightArena] = []

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        written = io.BytesIO()
        packer = _Packer(written)
        packer.dump(self.content)
        self._sent = packer.arenas()
        return _unpack, (written.getvalue(), self._sent, _folder_of_brought_code())


class _Place(NamedTuple):
    """Where a tensor lies; equal places are one tensor (tied weights)."""

    arena: int
    start: int
    dtype: Any
    size: tuple[int, ...]
    stride: tuple[int, ...]
    is_parameter: bool
    requires_grad: bool


class _Packer(ForkingPickler):
    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        # The first arena takes what lies in none yet.
        self._arenas: list[WeightArena | None] = [None]
        self._loose: dict[int, tuple[int, Any]] = {}
        self._size = 0

    def persistent_id(self, value: Any) -> _Place | None:
        if not isinstance(value, torch.Tensor) or not can_share(value):
            return None
        arena = arena_of(value)
        if arena is None:
            index, start = 0, self._loose_start(value)
        else:
            if arena not in self._arenas:
                self._arenas.append(arena)
            index, start = self._arenas.index(arena), arena.place(value)
        return _Place(
            index,
            start,
            value.dtype,
            tuple(value.shape),
            tuple(value.stride()),
            isinstance(value, torch.nn.Parameter),
            value.requires_grad,
        )

    def arenas(self) -> list[WeightArena]:
        """Give all of them, the first with its values."""
        first = WeightArena(self._size)
        for start, storage in self._loose.values():
            values = torch.empty(0, dtype=torch.uint8).set_(storage)
            first.bytes[start : start + len(values)] = values
        return [first, *(arena for arena in self._arenas if arena is not None)]

    def _loose_start(self, tensor: Any) -> int:
        storage = tensor.untyped_storage()
        key = int(storage.data_ptr())
        if key not in self._loose:
            self._loose[key] = self._size, storage
            self._size += -(-storage.nbytes() // ALIGNMENT) * ALIGNMENT
        return self._loose[key][0] + int(tensor.data_ptr()) - key


class _Unpacker(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, arenas: list[WeightArena]) -> None:
        super().__init__(file)
        self._arenas = arenas
        self._tensors: dict[_Place, Any] = {}

    def persistent_load(self, place: _Place) -> Any:
        if place not in self._tensors:
            tensor = self._arenas[place.arena].view(place.start, place.dtype, place.size, place.stride)
            if place.is_parameter:
                tensor = torch.nn.Parameter(tensor, requires_grad=place.requires_grad)
            self._tensors[place] = tensor
        return self._tensors[place]


def _folder_of_brought_code() -> str | None:
    """Where transformers keeps the code that models brought along, if any was allowed to run here."""
    module = sys.modules.get("transformers.dynamic_module_utils")
    folder = None if module is None else str(module.HF_MODULES_CACHE)
    return folder if folder in sys.path else None


def _unpack(content: bytes, arenas: list[WeightArena], folder: str | None) -> SharedPickle:
    if folder is not None and folder not in sys.path:
        sys.path.append(folder)
    return SharedPickle(_Unpacker(io.BytesIO(content), arenas).load())
