"""A model as the few figures that decide what a pass of it reads."""

import re
from dataclasses import dataclass

from ahasd.prediction.from_figures.model_shape import GIGA, ModelShape, usual_shape

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

#: Families whose checkpoints bring layers that predict further tokens: those of vLLM's list of MTP models
#: (vllm/config/speculative.py: deepseek_mtp, mimo_mtp, glm4_moe_mtp, ernie_mtp, qwen3_next_mtp, longcat_flash_mtp)
#: and those of the published record. Distilled models have another family's shape.
_PREDICTING = (
    r"^(?!.*distill).*(?:deepseek-(?:v[3-9]|r1)|mimo|glm-4\.[5-9]|glm-[5-9]|ernie-4\.5|qwen3-next|qwen3\.[5-9]"
    r"|longcat-flash|hy_v3)"
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
    predicting
        Whether it brings layers that predict further tokens (MTP).
    tokenizer
        Whose it is; "" where not known.
    exact_shape
        Where a file was read; else its shape is that of a usual model of its size.
    token_bytes
        Bytes of weights that a token reads, where a file says how they are kept; else as many per weight as of all.
    """

    name: str
    parameters: float | None
    active: float | None
    weight_bits: float
    stored_bytes: float | None
    mixture: bool = False
    recurrent: bool = False
    predicting: bool = False
    tokenizer: str = ""
    exact_shape: ModelShape | None = None
    token_bytes: float | None = None

    @property
    def read_bytes(self) -> float | None:
        """Bytes of weights that one token reads."""
        if self.token_bytes is not None:
            return self.token_bytes
        if self.parameters is None or self.active is None or self.stored_bytes is None:
            return None
        return self.stored_bytes * self.active / self.parameters

    @property
    def shape(self) -> ModelShape:
        """Its own, or about that of a model of its size."""
        return (
            self.exact_shape if self.exact_shape is not None else usual_shape(self.parameters, self.recurrent)
        )

    @property
    def layers(self) -> float:
        """How many layers it has."""
        return self.shape.layers

    @property
    def output_parameters(self) -> float:
        """Parameters of its output layer."""
        return self.shape.output_parameters

    def cache_bytes(self, context: int) -> float:
        """Bytes that are kept of so many tokens."""
        return self.shape.cache_bytes(context)


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
        name,
        parameters,
        active,
        bits,
        stored_bytes,
        mixture,
        recurrent=re.search(_RECURRENT, low) is not None,
        predicting=re.search(_PREDICTING, low) is not None,
    )


def weight_bits(quantisation: str, default: float = 4.8) -> float:
    """Bits per weight of a format, scales included; the default where it is not known."""
    low = quantisation.lower()
    return next((bits for pattern, bits in _BITS if re.search(pattern, low)), default)
