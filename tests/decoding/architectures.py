"""Small random models of the common decoders of transformers 5, and the table of them in docs/decoding.md."""

MIXTURE = {"num_experts": 4, "num_local_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 16}
HEADS = {"head_dim": 8}
GPT = {"n_embd": 32, "n_head": 4, "n_layer": 2, "n_positions": 512}
LATENT = {
    "kv_lora_rank": 8,
    "q_lora_rank": 8,
    "qk_rope_head_dim": 4,
    "qk_nope_head_dim": 8,
    "v_head_dim": 8,
    "head_dim": 4,
}
DEEPSEEK = LATENT | {
    "first_k_dense_replace": 1,
    "n_routed_experts": 4,
    "num_experts_per_tok": 2,
    "n_shared_experts": 1,
    "n_group": 1,
    "topk_group": 1,
    "moe_intermediate_size": 16,
}
WINDOW = 7
SCALED = {"rope_theta": 10000.0, "factor": 4.0, "original_max_position_embeddings": 128}
SHARED = {"vocab_size_per_layer_input": 61, "hidden_size_per_layer_input": 8, "sliding_window": WINDOW}

#: Model type, what is special about it, and the options that make it small; the texts of the test pass every window.
ARCHITECTURES = [
    ("llama", "grouped queries", {"num_key_value_heads": 2}),
    (
        "llama",
        "tied embeddings, biases",
        {"tie_word_embeddings": True, "attention_bias": True, "mlp_bias": True},
    ),
    (
        "llama",
        "rope linear",
        {"rope_parameters": {"rope_type": "linear", "rope_theta": 10000.0, "factor": 2.0}},
    ),
    ("llama", "rope yarn", {"rope_parameters": {"rope_type": "yarn", **SCALED}}),
    (
        "llama",
        "rope llama3",
        {
            "rope_parameters": {
                "rope_type": "llama3",
                "low_freq_factor": 1.0,
                "high_freq_factor": 4.0,
                **SCALED,
            }
        },
    ),
    ("mistral", "sliding window", {"sliding_window": WINDOW}),
    ("ministral3", "scaled attention", HEADS),
    ("mixtral", "mixture, sliding window", MIXTURE | {"sliding_window": WINDOW}),
    ("qwen2", "biased queries, keys, values", {}),
    (
        "qwen2",
        "window in some layers",
        {"use_sliding_window": True, "sliding_window": WINDOW, "max_window_layers": 1},
    ),
    ("qwen2_moe", "mixture with a shared expert", MIXTURE | {"shared_expert_intermediate_size": 16}),
    ("qwen3", "normed queries and keys", HEADS),
    ("qwen3_moe", "mixture", MIXTURE | HEADS),
    ("gemma", "scaled embeddings", HEADS),
    ("gemma2", "soft-capping, alternating windows", HEADS | {"sliding_window": WINDOW}),
    ("gemma3_text", "alternating windows, two ropes", HEADS | {"sliding_window": WINDOW}),
    (
        "gemma3n_text",
        "layers that share keys and values",
        HEADS
        | SHARED
        | {
            "num_kv_shared_layers": 2,
            "laurel_rank": 4,
            "num_hidden_layers": 4,
            "layer_types": ["sliding_attention", "full_attention"] * 2,
            "activation_sparsity_pattern": [0.0] * 4,
        },
    ),
    (
        "gemma4_text",
        "layers that share keys and values",
        HEADS
        | SHARED
        | {
            "num_kv_shared_layers": 1,
            "global_head_dim": 8,
            "num_hidden_layers": 3,
            "layer_types": ["sliding_attention", "full_attention", "full_attention"],
        },
    ),
    ("phi", "partial rope, parallel layers", {}),
    ("phi3", "fused projections, sliding window", {"sliding_window": WINDOW, "pad_token_id": 0}),
    ("phimoe", "mixture, layer norms", MIXTURE),
    ("gpt2", "learned positions", GPT),
    (
        "gpt_neo",
        "local attention",
        {
            "attention_types": [[["global", "local"], 1]],
            "window_size": WINDOW,
            "num_layers": 2,
            "num_heads": 4,
        },
    ),
    ("gpt_neox", "partial rope, parallel layers", {}),
    ("gptj", "interleaved rope", GPT | {"rotary_dim": 4}),
    ("gpt_bigcode", "one key for all heads", GPT),
    (
        "gpt_oss",
        "mixture, attention sinks, alternating windows",
        MIXTURE | HEADS | {"sliding_window": WINDOW},
    ),
    ("opt", "learned positions", {"ffn_dim": 48, "word_embed_proj_dim": 32, "pad_token_id": 0}),
    ("bloom", "ALiBi", {"n_head": 4, "n_layer": 2}),
    ("mpt", "ALiBi", {"d_model": 32, "n_heads": 4, "n_layers": 2}),
    ("falcon", "one key for all heads, parallel layers", {}),
    ("stablelm", "partial rope", {}),
    ("starcoder2", "sliding window, biases", {"sliding_window": WINDOW}),
    ("olmo", "norms without weights", {}),
    ("olmo2", "norms behind the layers", {}),
    ("olmo3", "alternating windows", {"sliding_window": WINDOW}),
    ("olmoe", "mixture", MIXTURE),
    ("cohere", "parallel layers, scaled logits", {}),
    ("cohere2", "alternating windows, no rope in some layers", {"sliding_window": WINDOW}),
    ("granite", "scaled residuals", {}),
    ("granitemoe", "mixture", MIXTURE),
    ("minicpm3", "latent attention (MLA)", LATENT),
    ("deepseek_v2", "latent attention (MLA), mixture", DEEPSEEK | {"q_lora_rank": None}),
    ("deepseek_v3", "latent attention (MLA), mixture", DEEPSEEK),
    ("glm", "partial interleaved rope", HEADS | {"pad_token_id": 0}),
    ("glm4_moe", "mixture", DEEPSEEK | HEADS | {"pad_token_id": 0}),
    ("exaone4", "alternating windows", {"sliding_window": WINDOW}),
    ("smollm3", "no rope in some layers", {"pad_token_id": 0}),
    ("llama4_text", "chunked attention, mixture", MIXTURE | HEADS | {"attention_chunk_size": 64}),
    ("ernie4_5", "interleaved rope", HEADS),
    ("hunyuan_v1_dense", "normed queries and keys", HEADS | {"pad_token_id": 0}),
    ("seed_oss", "biases", HEADS),
    ("nemotron", "squared ReLU", HEADS),
    ("bitnet", "norms inside the layers", {}),
    ("jetmoe", "mixture of attention", {"num_local_experts": 4, "num_experts_per_tok": 2, "kv_channels": 8}),
]

#: Model type, and why it is refused.
REFUSED = [
    ("mamba, mamba2, falcon_mamba, rwkv, xlstm, recurrent_gemma", "a running state"),
    (
        "jamba, bamba, zamba, falcon_h1, granitemoehybrid, nemotron_h, olmo_hybrid, minimax, kimi_linear, "
        "qwen3_next, qwen3_5, lfm2",
        "a running state in some layers",
    ),
    ("deepseek_v4", "compressed memory"),
    ("deepseek_v32, glm_moe_dsa", "an index chooses the tokens"),
    ("bert and its like without is_decoder", "not causal"),
    ("t5, bart and its like", "an encoder"),
    ("openai-gpt", "no cache"),
]


def architecture_table(forwards):
    """The table of the document.

    Parameters
    ----------
    forwards
        Of every entry of `ARCHITECTURES`, whether the lean forward runs it.
    """
    kinds = {}
    for (kind, special, _), lean in zip(ARCHITECTURES, forwards, strict=True):
        entry = kinds.setdefault((kind, lean), [])
        entry.append(special)
    lines = ["| architecture | with | forward |", "|---|---|---|"]
    for (kind, lean), specials in kinds.items():
        lines.append(f"| {kind} | {'; '.join(specials)} | {'ours' if lean else 'transformers'} |")
    lines += [f"| {kinds} | {why} | refused |" for kinds, why in REFUSED]
    return "\n".join(lines)
