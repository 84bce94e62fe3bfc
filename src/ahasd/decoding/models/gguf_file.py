"""A ``.gguf`` file (the format of llama.cpp): its metadata and its weights, read by the package ``gguf``."""

from pathlib import Path
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.models.model_folder import naming
from ahasd.errors import AhasdError

HOW = "pip install 'gguf>=0.17' (the extra `models` of ahasd has it)"

#: Bytes of a float32.
_BYTES = 4

_MISSING = object()


class GgufFile:
    """An open file; its weights are mapped, not read, until they are asked for.

    Parameters
    ----------
    path
        The file.

    Attributes
    ----------
    names
        Of its tensors.

    Raises
    ------
    AhasdError
        If the package is not there, there is no such file, it is truncated, or not of the format.
    """

    def __init__(self, path: Path) -> None:
        try:
            import gguf
        except ImportError as error:
            raise AhasdError(
                f"model {path}: reading a .gguf file needs the package gguf ({error}); {HOW}"
            ) from error
        self.path = path
        if not path.is_file():
            raise AhasdError(f"model {path}: {'not an ordinary file' if path.exists() else 'no such file'}")
        with naming(f"model {path}: not a whole .gguf file; get it again"):
            self._reader = gguf.GGUFReader(path)
            self._tensors = {tensor.name: tensor for tensor in self._reader.tensors}
        self._dequantize = gguf.dequantize
        self.names = list(self._tensors)

    @property
    def architecture(self) -> str:
        """What the file calls its kind of network ("llama", "qwen2")."""
        return str(self.value("general.architecture"))

    @property
    def bytes_as_float32(self) -> int:
        """Bytes of all weights once they are dequantised."""
        return sum(int(tensor.n_elements) for tensor in self._tensors.values()) * _BYTES

    def value(self, key: str, default: Any = _MISSING) -> Any:
        """Give an entry of the metadata.

        Raises
        ------
        AhasdError
            It is not there, and there is no default.
        """
        field = self._reader.get_field(key)
        if field is not None:
            with naming(f"model {self.path}: its entry {key} cannot be read"):
                return field.contents()
        if default is _MISSING:
            raise AhasdError(f"model {self.path}: its metadata lack {key}; take a complete .gguf file")
        return default

    def weight(self, name: str) -> Any:
        """Give a tensor in float32, its dimensions in the order of torch."""
        tensor = self._tensors[name]
        with naming(f"model {self.path}: tensor {name} ({tensor.tensor_type.name}) cannot be dequantised"):
            # Of its own memory, so that the file may go.
            return torch.tensor(self._dequantize(tensor.data, tensor.tensor_type), dtype=torch.float32)
