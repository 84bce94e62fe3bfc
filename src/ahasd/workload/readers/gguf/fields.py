"""The keys and tensors of a GGUF header as those who translate it ask for them."""

from dataclasses import dataclass
from functools import cached_property

from ahasd.errors import AhasdError
from ahasd.workload.readers.gguf.header import Header


@dataclass(frozen=True)
class HeaderFields:
    """Keys of the architecture, and what the tensors show."""

    header: Header

    @property
    def path(self) -> str:
        """The file."""
        return self.header.path

    @property
    def architecture(self) -> str:
        """As llama.cpp spells it."""
        value = self.header.values.get("general.architecture")
        if not isinstance(value, str):
            raise AhasdError(f"{self.path}: its header does not say its architecture (general.architecture)")
        return value

    def number(self, key: str) -> int | None:
        """A whole number by the key after the architecture's name; None where the header does not say it.

        Some keys are one number for all layers, or one for each.

        Raises
        ------
        AhasdError
            It is no number, or the layers differ.
        """
        name = f"{self.architecture}.{key}"
        value = self.header.values.get(name)
        if isinstance(value, tuple):
            if len(set(value)) > 1:
                shown = ", ".join(sorted(map(str, set(value)))[:6])
                raise AhasdError(
                    f"{self.path}: {name} differs from layer to layer ({shown}): a model whose layers differ in "
                    "shape is not supported"
                )
            value = value[0] if value else None
        if value is not None and not isinstance(value, int):
            raise AhasdError(f"{self.path}: {name} is {value!r}, which is no whole number")
        return value

    def require(self, key: str) -> int:
        """A whole number that has to be there.

        Raises
        ------
        AhasdError
            It is not.
        """
        value = self.number(key)
        if value is None:
            raise AhasdError(f"{self.path}: its header does not say {self.architecture}.{key}")
        return value

    @property
    def further_layers(self) -> int:
        """Layers that predict further tokens (multi-token prediction, NextN), behind those of the model."""
        return self.number("nextn_predict_layers") or 0

    @property
    def layers(self) -> int:
        """Layers of the model itself.

        Raises
        ------
        AhasdError
            The header does not say how many.
        """
        return self.require("block_count") - self.further_layers

    @cached_property
    def _shapes(self) -> dict[str, tuple[int, ...]]:
        return {tensor.name: tensor.shape for tensor in self.header.tensors}

    def has(self, *names: str) -> bool:
        """Whether there is a tensor of one of these names."""
        return any(name in self._shapes for name in names)

    @property
    def vocabulary_size(self) -> int:
        """Rows of the table of embeddings.

        Raises
        ------
        AhasdError
            There is no such table.
        """
        shape = self._shapes.get("token_embd.weight")
        if shape is None or len(shape) != 2:
            raise AhasdError(
                f"{self.path}: it holds no table of embeddings (token_embd.weight): not a whole model"
            )
        return shape[1]
