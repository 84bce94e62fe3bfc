"""The families that are read, by the `model_type` of their files."""

from collections.abc import Callable

from ahasd.workload.readers.families import learned_positions, rotary
from ahasd.workload.readers.families.common import Values
from ahasd.workload.readers.families.not_dense import NOT_DENSE
from ahasd.workload.readers.fields import ConfigReader

#: Reader of each `model_type`; Granite is LLaMA by its shapes, Phi-3 and Ministral 3 are Mistral.
FAMILIES: dict[str, Callable[[ConfigReader], Values]] = {
    "cohere": rotary.cohere,
    "ernie4_5": rotary.ernie4_5,
    "gemma": rotary.gemma,
    "glm": rotary.glm,
    "gpt2": learned_positions.gpt2,
    "gpt_bigcode": learned_positions.gpt_bigcode,
    "granite": rotary.llama,
    "llama": rotary.llama,
    "ministral3": rotary.mistral,
    "mistral": rotary.mistral,
    "opt": learned_positions.opt,
    "palm": rotary.palm,
    "phi3": rotary.mistral,
    "qwen2": rotary.qwen2,
    "qwen3": rotary.qwen3,
    "seed_oss": rotary.seed_oss,
    "smollm3": rotary.smollm3,
    "stablelm": rotary.stablelm,
    "starcoder2": rotary.starcoder2,
} | NOT_DENSE
