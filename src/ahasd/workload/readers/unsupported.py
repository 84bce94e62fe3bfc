"""Families of `transformers` that a ModelSpec cannot describe, by why."""

#: What the models of a family are, and the `model_type` of those whose files need not say so in a field.
_REASONS: dict[str, str] = {
    "a mixture of experts, where a token reads some experts' weights and a pass those of all its tokens": (
        "deepseek_v32 deepseek_v4 glm_moe_dsa jetmoe longcat_flash"
    ),
    "a model with state-space, recurrent, convolutional or linear-attention layers, without a key-value cache": (
        "bailing_hybrid minimax rwkv xlstm zamba zamba2"
    ),
    "an encoder with a decoder": (
        "bart bigbird_pegasus blenderbot blenderbot-small led longt5 m2m_100 marian mbart moshi mt5 musicgen mvp "
        "nllb-moe pegasus pegasus_x plbart prophetnet speech_to_text switch_transformers t5 t5gemma trocr umt5 "
        "whisper"
    ),
    "an encoder, or a decoder in an encoder's layout": (
        "albert bert bert-generation big_bird camembert data2vec-text distilbert electra ernie megatron-bert mpnet "
        "modernbert rembert roberta roberta-prelayernorm roc_bert roformer xlm xlm-roberta xlm-roberta-xl xlnet xmod"
    ),
    "a model of several parts, of which text is one; give the text model's own config.json": (
        "aria aya_vision emu3 fuyu gemma3 gemma3n gemma4 git got_ocr2 idefics3 internvl llama4 llava llava_next "
        "mistral3 mllama paligemma phi4_multimodal qwen2_5_vl qwen2_vl qwen3_5 qwen3_vl smolvlm"
    ),
    "a model with norms behind its blocks": (
        "exaone4 gemma2 gemma3_text gemma3n_text gemma4_text glm4 hyperclovax olmo2 olmo3 openai-gpt"
    ),
    "a model with norms that have no gain": "olmo nanochat",
    "a model of GPT-NeoX's or GPT-J's layout (two norms side by side, or a head with a bias)": (
        "codegen gpt_neox gpt_neox_japanese gptj phi"
    ),
    "a model whose positions are a bias of its attention, or a fixed table": ("bloom ctrl mpt xglm"),
    "a model with an activation function that is not counted here": "apertus arcee bitnet jais2 nemotron persimmon",
    "a model with windows in some layers": "cohere2 cwm gpt_neo granite_swa ministral vaultgemma",
    "a name for several layouts": "falcon",
}

#: `model_type` -> what its models are.
UNSUPPORTED: dict[str, str] = {
    family: reason for reason, families in _REASONS.items() for family in families.split()
}
