"""The PyTorch side: the decoders, the tiny pair and the trace recorder (the only room that imports torch)."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ahasd.decoding.generation_output import GenerationOutput
    from ahasd.decoding.speculative_decoder import SpeculativeDecoder
    from ahasd.decoding.transformers_generate import PolicyDrafting

__all__ = ["GenerationOutput", "PolicyDrafting", "SpeculativeDecoder"]


def __getattr__(name: str) -> Any:
    # torch takes a second to import: not before someone asks for what needs it.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ahasd.decoding import speculative_decoder

    if name != "PolicyDrafting":
        return getattr(speculative_decoder, name)
    from ahasd.decoding import transformers_generate

    return transformers_generate.PolicyDrafting
