"""Random mixtures of experts of a few kinds, in folders as transformers writes them."""

import torch
import transformers

from ahasd.decoding.models.language_model import LanguageModel
from ahasd.decoding.tiny_pair import target_path

SIZES = {
    "vocab_size": 1024,
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "intermediate_size": 48,
    "max_position_embeddings": 128,
    "bos_token_id": 0,
    "eos_token_id": None,
    "pad_token_id": 0,
}
LATENT = {
    "num_key_value_heads": 4,
    "n_routed_experts": 6,
    "n_shared_experts": 1,
    "moe_intermediate_size": 24,
    "first_k_dense_replace": 1,
    "kv_lora_rank": 8,
    "q_lora_rank": 8,
    "qk_rope_head_dim": 4,
    "qk_nope_head_dim": 8,
    "v_head_dim": 8,
    "topk_group": 1,
}
KINDS = {
    "mixtral": {"num_local_experts": 6},
    "qwen2_moe": {
        "num_experts": 6,
        "moe_intermediate_size": 24,
        "shared_expert_intermediate_size": 24,
    },
    "qwen3_moe": {"num_experts": 6, "moe_intermediate_size": 24, "head_dim": 8},
    "olmoe": {"num_experts": 6},
    "granitemoe": {"num_local_experts": 6},
    "gpt_oss": {"num_local_experts": 6, "head_dim": 8},
    "deepseek_v2": LATENT | {"n_group": 1},
    "deepseek_v3": LATENT | {"n_group": 2},
}


def save_mixture(folder, kind="mixtral", seed=0, **given):
    """Write a random mixture, with the tiny pair's tokenizer; its routers are far from even."""
    torch.manual_seed(seed)
    sizes = SIZES | KINDS[kind] | {"num_experts_per_tok": 2} | given
    config = transformers.AutoConfig.for_model(kind, **sizes)
    model = transformers.AutoModelForCausalLM.from_config(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0, 0.3)
    model.save_pretrained(folder)
    transformers.AutoTokenizer.from_pretrained(target_path()).save_pretrained(folder)
    return folder


def whole(folder):
    """The model with all its experts in memory, in transformers' plainest way of computing them.

    Weights are copied out of the mapped file, where they may lie at odd addresses, at which products round otherwise.
    """
    model = transformers.AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, experts_implementation="eager"
    )
    for tensor in (*model.parameters(), *model.buffers()):
        tensor.data = tensor.data.clone()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    return LanguageModel(folder.name, model.eval(), tokenizer)
