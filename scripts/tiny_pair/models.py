"""The two LLaMA-shaped models: a one-layer draft and the four-layer target grown from it."""

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from tiny_pair.data import CONTEXT, VOCABULARY

TARGET_LAYERS = 4


def new_model(layers: int) -> LlamaForCausalLM:
    """Make an untrained model: d = 128, 4 heads, gated feed-forward of 344 (8/3 d), tied embeddings.

    0.33 M parameters with one layer, 0.92 M with four.
    """
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=128,
        intermediate_size=344,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
        bos_token_id=0,
        eos_token_id=0,
        pad_token_id=0,
        attn_implementation="sdpa",
        tokenizer_family="ahasd-tiny",  # read by ahasd's own model specifications
    )
    return LlamaForCausalLM(config)


def grow(stem: LlamaForCausalLM) -> LlamaForCausalLM:
    """Make the target out of a one-layer model without changing its function.

    Embedding, layer 0 and final norm are copied; the output projections of the new layers are zero, so each
    of them starts as the identity. A target trained from scratch for as long is far worse.
    """
    target = new_model(TARGET_LAYERS)
    target.model.embed_tokens.load_state_dict(stem.model.embed_tokens.state_dict())
    target.model.layers[0].load_state_dict(stem.model.layers[0].state_dict())
    target.model.norm.load_state_dict(stem.model.norm.state_dict())
    for layer in target.model.layers[1:]:
        torch.nn.init.zeros_(layer.self_attn.o_proj.weight)
        torch.nn.init.zeros_(layer.mlp.down_proj.weight)
    return target
