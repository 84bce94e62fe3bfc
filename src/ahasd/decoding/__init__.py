"""The PyTorch side: the decoders, the tiny pair and the trace recorder (the only room that imports torch)."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ahasd.decoding.generation_output import GenerationOutput
    from ahasd.decoding.speculative_decoder import SpeculativeDecoder

__all__ = ["GenerationOutput", "SpeculativeDecoder"]


def __getattr__(name: str) -> Any:
    # torch takes a second to import: not before someone asks for what needs it.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ahasd.decoding import speculative_decoder

    return getattr(speculative_decoder, name)
