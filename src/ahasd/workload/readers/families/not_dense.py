"""The families whose layers are not attention and one feed-forward part, by the `model_type` of their files."""

from collections.abc import Callable

from ahasd.workload.readers.families import latent, linear_attention, mixtures, state_space, windowed_mixtures
from ahasd.workload.readers.families.common import Values
from ahasd.workload.readers.fields import ConfigReader

#: Reader of each `model_type`; some are another's by their shapes. `kimi_k2` is how Kimi K2's files name DeepSeek-V3.
NOT_DENSE: dict[str, Callable[[ConfigReader], Values]] = {
    "afmoe": windowed_mixtures.afmoe,
    "bamba": state_space.bamba,
    "dbrx": mixtures.dbrx,
    "deepseek_v2": latent.deepseek_v2,
    "deepseek_v3": latent.deepseek_v3,
    "deepseek_v32": latent.deepseek_v32,
    "dots1": mixtures.dots1,
    "ernie4_5_moe": mixtures.ernie4_5_moe,
    "exaone_moe": windowed_mixtures.exaone_moe,
    "falcon_h1": state_space.falcon_h1,
    "falcon_mamba": state_space.falcon_mamba,
    "flex_olmo": mixtures.flex_olmo,
    "glm4_moe": mixtures.glm4_moe,
    "glm4_moe_lite": latent.deepseek_v3,
    "gpt_oss": windowed_mixtures.gpt_oss,
    "granitemoe": mixtures.granitemoe,
    "granitemoehybrid": state_space.granite_hybrid,
    "granitemoeshared": mixtures.granitemoe,
    "hunyuan_v1_moe": mixtures.hunyuan_moe,
    "hy_v3": mixtures.hy_v3,
    "jamba": state_space.jamba,
    "kimi_k2": latent.deepseek_v3,
    "kimi_linear": linear_attention.kimi_linear,
    "lfm2": linear_attention.lfm2,
    "lfm2_moe": linear_attention.lfm2_moe,
    "llama4_text": windowed_mixtures.llama4,
    "mamba": state_space.mamba,
    "mamba2": state_space.mamba2,
    "minicpm3": latent.dense_latent,
    "minimax_m2": mixtures.minimax_m2,
    "mixtral": mixtures.mixtral,
    "nemotron_h": state_space.nemotron_h,
    "olmo_hybrid": linear_attention.olmo_hybrid,
    "olmoe": mixtures.olmoe,
    "phimoe": mixtures.phimoe,
    "qwen2_moe": mixtures.qwen2_moe,
    "qwen3_5_moe_text": linear_attention.qwen3_5_moe,
    "qwen3_5_text": linear_attention.qwen3_5,
    "qwen3_moe": mixtures.qwen3_moe,
    "qwen3_next": linear_attention.qwen3_next,
    "recurrent_gemma": linear_attention.recurrent_gemma,
    "solar_open": mixtures.solar_open,
    "youtu": latent.dense_latent,
}
