"""The products of a decoder's layers, one after the other, as a stand-in for any model."""

from dataclasses import dataclass
from typing import Any

from ahasd.decoding.backend import torch


@dataclass(frozen=True, slots=True)
class ChainShape:
    """Size of a chain, in the proportions of LLaMA-like decoders with grouped queries.

    Attributes
    ----------
    hidden
        Width of the hidden state; keys and values together have half of it, feed-forward layers 2.75 times it.
    layers
        How many.
    """

    hidden: int = 1024
    layers: int = 8

    @property
    def products(self) -> tuple[tuple[int, int], ...]:
        """Inputs and outputs of a layer's products."""
        hidden, inner = self.hidden, self.hidden * 11 // 4
        return (hidden, hidden + hidden // 2), (hidden, hidden), (hidden, 2 * inner), (inner, hidden)

    @property
    def parameters(self) -> int:
        """Of all layers."""
        return self.layers * sum(inputs * outputs for inputs, outputs in self.products)


class DecoderChain:
    """Weights that are streamed once a pass; every layer has its own, so that no cache holds them all.

    Parameters
    ----------
    shape
        Its size.
    device
        A device of torch.
    """

    def __init__(self, shape: ChainShape, device: str) -> None:
        self.shape, self.device = shape, device
        self.dtype = torch.float32 if device == "cpu" else torch.float16
        generator = torch.Generator().manual_seed(0)
        self._layers = [
            [
                (torch.randn(outputs, inputs, generator=generator) / inputs**0.5).to(device, self.dtype)
                for inputs, outputs in shape.products
            ]
            for _ in range(shape.layers)
        ]

    @property
    def weight_bytes(self) -> int:
        """Bytes that a pass streams."""
        return self.shape.parameters * int(self.dtype.itemsize)

    @property
    def name(self) -> str:
        """As tables call it."""
        kind = str(self.dtype).removeprefix("torch.")
        return f"decoder chain of {self.shape.parameters / 1e6:.3g}M parameters, {kind}"

    def forward(self, rows: int) -> Any:
        """Pass so many rows through all layers, and wait for the last."""
        linear, normalize = torch.nn.functional.linear, torch.nn.functional.normalize
        with torch.inference_mode():
            state = torch.ones(rows, self.shape.hidden, device=self.device, dtype=self.dtype)
            for mix, out, widen, narrow in self._layers:
                mixed = linear(state, mix)[:, : self.shape.hidden]
                state = state + linear(mixed, out)
                gate, up = linear(state, widen).chunk(2, dim=-1)
                state = normalize(state + linear(torch.sigmoid(gate) * up, narrow), dim=-1)
            if self.device != "cpu":
                torch.cuda.synchronize()
            return state
