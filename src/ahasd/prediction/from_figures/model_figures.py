"""A model as the few figures that decide what a pass of it reads."""

import re
from dataclasses import dataclass
from math import exp, log

import numpy as np

GIGA = 1e9

#: Bits per weight of formats, scales included, in the order in which a name is asked; of llama.cpp's k-quants those
#: that its own tables and published files come to.
_BITS: tuple[tuple[str, float], ...] = (
    (r"iq1", 1.8),
    (r"iq2|oq2", 2.7),
    (r"q2_?k|\bq2|2-?bit", 3.1),
    (r"iq3", 3.6),
    (r"q3_?k|q3|3-?bit", 4.0),
    (r"3\.5 ?bpw", 3.5),
    (r"4\.0 ?bpw", 4.1),
    (r"iq4|nvfp4|mxfp4|fp4", 4.6),
    (r"q4_0|4-?bit|int4|awq|gptq|w4", 4.6),
    (r"q4_k_s", 4.7),
    (r"q4_k_m", 5.0),
    (r"q4", 5.2),
    (r"q5|5-?bit", 5.8),
    (r"q6|6-?bit", 6.6),
    (r"q8|8-?bit|fp8|int8|w8", 8.5),
    (r"bf16|fp16|f16|half", 16.0),
)

#: Total and active parameters of mixtures whose name does not say them, in 10^9; None where no page was read.
_MIXTURES: tuple[tuple[str, float | None, float | None], ...] = (
    ("glm-4.7-flash", 30, 3),
    ("glm-4.5-air", 106, 12),
    ("glm-4.5", 355, 32),
    ("glm-4.6", 355, 32),
    ("glm-5.3-flash", None, None),
    ("deepseek-v4-flash", 284, 13),
    ("deepseek-v3", 671, 37),
    ("deepseek-r1-671b", 671, 37),
    ("qwen3.8-flash-next", 177, 6),
    ("mixtral-8x7b", 46.7, 12.9),
    ("mixtral-8x22b", 141, 39),
    ("llama-4-scout", 109, 17),
    ("llama-4-maverick", 400, 17),
    ("kimi-k2", 1040, 32),
    ("minimax-m2", 230, 10),
    ("deepseek-v2-lite", 15.7, 2.4),
    ("deepseek-v2", 236, 21),
    ("qwen3-coder-next", 80, 3),
    ("olmoe", 6.9, 1.3),
    ("gpt-oss-120b", 117, 5.1),
    ("gpt-oss-20b", 20.9, 3.6),
    ("hy_v3", None, None),
)

#: Families with layers that keep a recurrent state, which a rejected draft spoils.
_RECURRENT = r"qwen3\.[5-9]|qwen3-next|nemotron-3|nemotron-h|falcon-h|granite-4|lfm2|jamba|kimi-linear"

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


@dataclass(frozen=True, slots=True)
class ModelFigures:
    """Sizes of a model.

    Attributes
    ----------
    name
        As given.
    parameters, active
        In all and those that one token reads; the same for dense models. None where not known.
    weight_bits
        Bits per weight, scales included.
    stored_bytes
        Of all weights; None where the parameters are not known.
    mixture
        Whether it is a mixture of experts.
    recurrent
        Whether it has layers with a recurrent state.
    """

    name: str
    parameters: float | None
    active: float | None
    weight_bits: float
    stored_bytes: float | None
    mixture: bool = False
    recurrent: bool = False

    @property
    def read_bytes(self) -> float | None:
        """Bytes of weights that one token reads."""
        if self.parameters is None or self.active is None or self.stored_bytes is None:
            return None
        return self.stored_bytes * self.active / self.parameters

    @property
    def layers(self) -> float:
        """About how many layers a model of this size has."""
        return _shape(self.parameters, 1)

    @property
    def width(self) -> float:
        """About how wide the hidden state of a model of this size is."""
        return _shape(self.parameters, 2)

    @property
    def output_parameters(self) -> float:
        """About how many parameters its output layer has: newer families have some 248,000 tokens, others 150,000."""
        return (248e3 if self.recurrent else 150e3) * self.width


def model_figures(
    name: str,
    quantisation: str = "",
    parameters: float | None = None,
    stored_bytes: float | None = None,
    default_bits: float = 4.8,
) -> ModelFigures:
    """Read what a name and a format say.

    Parameters
    ----------
    name
        "Qwen3.6-35B-A3B" says 35 and 3 billion parameters, "Gemma-4-E2B" 2.3 that a token reads.
    quantisation
        "Q4_K_M", "8bit", …; "" if not said.
    parameters
        If said apart; the name's own count goes first where it tells a mixture.
    stored_bytes
        Of the file, if said; else parameters times bits.
    default_bits
        Bits per weight where the format is not said.
    """
    low = name.lower()
    mixture = re.search(r"\bmoe\b", low) is not None
    active: float | None = None
    if said := re.search(r"(\d+(?:\.\d+)?)b-a(\d+(?:\.\d+)?)b", low):
        parameters, active, mixture = float(said[1]) * GIGA, float(said[2]) * GIGA, True
    elif listed := next((entry for entry in _MIXTURES if entry[0] in low), None):
        parameters = listed[1] * GIGA if listed[1] else parameters
        active, mixture = (listed[2] * GIGA if listed[2] else None), True
    elif said := re.search(r"-e(\d+(?:\.\d+)?)b", low):
        # Gemma's "effective" sizes: the rest are embeddings, of which a token reads a row.
        parameters = active = (float(said[1]) + 0.3) * GIGA
    elif parameters is None and (said := re.search(r"(\d+(?:\.\d+)?)b\b", low)):
        parameters = float(said[1]) * GIGA
    bits = weight_bits(quantisation, default_bits)
    if stored_bytes is None and parameters is not None:
        stored_bytes = parameters * bits / 8
    if not mixture:
        active = parameters
    return ModelFigures(
        name, parameters, active, bits, stored_bytes, mixture, re.search(_RECURRENT, low) is not None
    )


def weight_bits(quantisation: str, default: float = 4.8) -> float:
    """Bits per weight of a format, scales included; the default where it is not known."""
    low = quantisation.lower()
    return next((bits for pattern, bits in _BITS if re.search(pattern, low)), default)


def _shape(parameters: float | None, column: int) -> float:
    size = log((parameters or 27 * GIGA) / GIGA)
    return exp(float(np.interp(size, np.log(_SHAPES[:, 0]), np.log(_SHAPES[:, column]))))
