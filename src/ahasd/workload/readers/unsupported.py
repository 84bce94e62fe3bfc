"""Families of `transformers` that a ModelSpec cannot describe, by why."""

#: What the models of a family are, and the `model_type` of those whose files need not say so in a field.
_REASONS: dict[str, str] = {
    "a mixture of experts, where a token reads some experts' weights and a pass those of all its tokens": (
        "deepseek_v4 glm_moe_dsa jetmoe longcat_flash"
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
        "aria emu3 git mllama phi4_multimodal"
    ),
    "a model whose last layer alone has a bias": "gpt_neox_japanese",
    "a model whose heads attend to a learned sink besides": "granite_swa",
}

#: `model_type` -> what its models are.
UNSUPPORTED: dict[str, str] = {
    family: reason for reason, families in _REASONS.items() for family in families.split()
}
