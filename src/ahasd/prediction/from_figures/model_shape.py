"""The shape of a model, as far as the cost of a step and the room it takes depend on it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import exp, log

import numpy as np

GIGA = 1e9

#: Bits of an element of the caches: half precision, the default of llama.cpp, MLX and vLLM.
CACHE_BITS = 16

#: Published models between which layers and width are interpolated by size: parameters in 10^9, layers, width.
_SHAPES = np.array(
    [
        (0.16, 12, 768),
        (0.5, 24, 896),
        (0.8, 24, 1024),
        (1.7, 28, 2048),
        (4, 36, 2560),
        (8, 32, 4096),
        (14, 44, 5120),
        (27, 62, 5120),
        (32, 64, 5120),
        (70, 80, 8192),
        (120, 90, 9000),
    ]
)

#: Tokens that a vocabulary has about: newer families, those with recurrent layers, and others.
_RECENT_VOCABULARY, _VOCABULARY = 248e3, 150e3

#: Keys and values of a token in a layer, in elements: 8 heads of 128 each, as Llama 3, Qwen3 and Mistral have from
#: 4B on (Qwen2.5-7B has half of it, Llama 2 up to four times as many); narrow models have no more than their width
#: (ours).
_CACHED = 2 * 8 * 128

#: Of families with recurrent layers every so many keeps keys and values (config.json of Qwen3-Next and Qwen3.5:
#: `full_attention_interval`).
_FULL_ATTENTION_INTERVAL = 4


@dataclass(frozen=True, slots=True)
class ModelShape:
    """Counts in elements; those of a name alone are means.

    Attributes
    ----------
    layers, width
        How many layers, and how wide the hidden state is.
    output_parameters
        Of the output layer.
    cache_bytes
        What is kept of so many tokens, in half precision: keys and values of all layers, and states.
    exact
        Whether they were read from a file, else interpolated between published models.
    """

    layers: float
    width: float
    output_parameters: float
    cache_bytes: Callable[[int], float]
    exact: bool


@cache
def usual_shape(parameters: float | None, recurrent: bool) -> ModelShape:
    """About the shape of a model of so many parameters; of a 27B where not even that is known."""
    size = log((parameters or 27 * GIGA) / GIGA)
    layers, width = (
        exp(float(np.interp(size, np.log(_SHAPES[:, 0]), np.log(_SHAPES[:, column])))) for column in (1, 2)
    )
    caching = layers / _FULL_ATTENTION_INTERVAL if recurrent else layers
    cached = caching * min(_CACHED, width) * CACHE_BITS / 8
    return ModelShape(
        layers,
        width,
        (_RECENT_VOCABULARY if recurrent else _VOCABULARY) * width,
        lambda context: cached * context,
        exact=False,
    )
