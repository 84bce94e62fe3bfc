"""Whether the runtime can run a model: seen before the first text, not after it."""

from typing import TYPE_CHECKING, Any

from ahasd.decoding.backend import torch
from ahasd.decoding.models.growing_cache import growing_cache
from ahasd.decoding.models.model_folder import naming
from ahasd.decoding.models.transformers_runner import TransformersRunner
from ahasd.errors import AhasdError

if TYPE_CHECKING:
    from ahasd.decoding.models.language_model import LanguageModel

#: Tokens of the check: some at once, some after a roll-back, then one.
CHECKED_TOKENS = 6

#: Largest difference of two logits in units of the largest, by type: some hundred roundings, and in half precision
#: what a router that chooses another expert may do. Ours.
AGREEMENT = {"float64": 1e-6, "float32": 1e-3, "float16": 2e-1, "bfloat16": 3e-1}


def check_runnable(language_model: "LanguageModel") -> None:
    """See that a model writes the same text step by step, with a cache that is cut, as in one forward.

    Raises
    ------
    AhasdError
        It does not; the message names the kind of model and the reason.
    """
    model = language_model.model
    name = f"model '{language_model.name}' ({model.config.model_type})"
    dtype = str(model.dtype).removeprefix("torch.")
    if dtype not in AGREEMENT:
        raise AhasdError(
            f"{name} has weights of type {dtype}, in which torch does not compute; take {', '.join(AGREEMENT)}"
        )
    if model.config.is_encoder_decoder:
        raise AhasdError(f"{name} has an encoder; give a causal language model (a decoder alone)")
    if getattr(model, "_is_stateful", False):
        raise AhasdError(
            f"{name} has layers with a running state (state space, linear attention or compressed memory), which "
            "cannot be taken back where a draft was wrong; use a model of attention layers"
        )
    with naming(f"{name}: its forward of transformers does not run with a cache"):
        if any(hasattr(layer, "indexer_keys") for layer in growing_cache(model).layers):
            raise AhasdError(
                f"{name} chooses by an index which tokens it looks at (sparse attention); where two score alike, the "
                "choice falls otherwise in a pass of several tokens, so its text would not be its own"
            )
        difference = _difference(language_model)
    if not difference <= AGREEMENT[dtype]:
        raise AhasdError(
            f"{name}: its logits step by step differ from those of the whole text by {difference:.2g} of the largest "
            f"(at most {AGREEMENT[dtype]:g} is rounding); it is not causal (a BERT wants is_decoder=True), or keeps "
            "more than keys and values"
        )


def _difference(language_model: "LanguageModel") -> float:
    """Give how far logits with a cache that was cut lie from those of a whole forward, in units of the largest."""
    size = language_model.vocabulary_size
    tokens = checked_tokens(size)
    runner = TransformersRunner(language_model)
    runner.forward([*tokens[:3], tokens[0], tokens[1]])
    runner.roll_back(3)
    found = torch.cat([runner.forward(tokens[3:5]), runner.forward(tokens[5:])])
    with torch.inference_mode():
        whole: Any = (
            language_model.model(torch.tensor([tokens], device=runner.device), use_cache=False)
            .logits[0, 3:]
            .float()
        )
    return float((found - whole).abs().max() / whole.abs().max().clamp_min(torch.finfo(whole.dtype).tiny))


def checked_tokens(size: int) -> list[int]:
    """Give the tokens of the check, spread over a vocabulary of this size."""
    return [(1 + 7919 * index) % size for index in range(CHECKED_TOKENS)]
