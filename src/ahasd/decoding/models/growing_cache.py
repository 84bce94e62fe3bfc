"""A cache of transformers that keeps every token, so that it can be cut anywhere."""

from typing import TYPE_CHECKING, Any

from ahasd.decoding.backend import transformers
from ahasd.errors import AhasdError

if TYPE_CHECKING:
    from ahasd.decoding.models.language_model import LanguageModel


def growing_cache(model: Any) -> Any:
    """Make an empty cache for a model of transformers.

    The cache of transformers throws away what lies before a window, which a rejected draft would want back; here
    such layers keep all, and the mask alone makes the window.
    """
    cache_utils = transformers.cache_utils
    cache = transformers.DynamicCache(config=model.config)
    windowed = cache_utils.DynamicSlidingWindowLayer
    cache.layers = [
        cache_utils.DynamicLayer() if type(layer) is windowed else layer for layer in cache.layers
    ]
    return cache


def check_cache(model: "LanguageModel", cache: Any, tokens: int) -> None:
    """Check that a cache holds the keys and values of so many tokens in every layer that keeps any.

    Raises
    ------
    AhasdError
        It does not.
    """
    shares = transformers.cache_utils.DummyLayer  # uses the keys of another layer, or is no attention at all
    kept = [layer for layer in cache.layers if type(layer) is not shares]
    keys = [getattr(layer, "keys", None) for layer in kept]
    if not keys or any(found is None or found.ndim < 2 or found.shape[-2] != tokens for found in keys):
        raise AhasdError(
            f"model '{model.name}' ({model.model.config.model_type}) does not keep the keys and values of "
            "every token, so its text cannot be taken back where a draft was wrong; use a model of attention layers"
        )
