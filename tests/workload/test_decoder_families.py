"""Every family of `transformers`: read with the parameters that it has, or refused by name with the reason."""

from typing import Any

import pytest

from ahasd.errors import AhasdError
from ahasd.workload.readers.families.by_model_type import FAMILIES
from ahasd.workload.readers.families.not_dense import NOT_DENSE
from ahasd.workload.readers.hugging_face import spec_from_config
from ahasd.workload.readers.text_part import SEVERAL_PARTS
from ahasd.workload.readers.unsupported import UNSUPPORTED

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from transformers.models.auto import modeling_auto  # noqa: E402
from transformers.models.auto.configuration_auto import CONFIG_MAPPING  # noqa: E402

#: All that write text token by token, alone or behind an encoder.
WRITERS = sorted(
    set(modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES)
    | set(modeling_auto.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES)
)
#: Families that people try, and a word of the reason for which each is refused.
REFUSED = {
    "jetmoe": "experts",
    "deepseek_v4": "latent attention",
    "longcat_flash": "latent attention",
    "glm_moe_dsa": "latent attention",
    "zamba2": "state-space",
    "minimax": "experts",
    "rwkv": "recurrent",
    "t5": "encoder with a decoder",
    "bart": "encoder with a decoder",
    "whisper": "encoder with a decoder",
    "mllama": "several parts",
    "bert": "encoder",
}
#: What the defaults of a family leave out and its files say.
UNSAID: dict[str, dict[str, Any]] = {
    "deepseek_v2": {"num_experts_per_tok": 6},
    "dots1": {"n_routed_experts": 128, "num_experts_per_tok": 6},
}
#: What a family needs beside its defaults to be built with two layers.
CHANGED: dict[str, dict[str, Any]] = {
    "gpt_neo": {"attention_types": [[["global", "local"], 1]]},
    "gemma3n_text": {
        "num_kv_shared_layers": 1,
        "layer_types": ["full_attention"] * 2,
        "intermediate_size": [64, 32],
        "activation_sparsity_pattern": [0.95, 0.0],
    },
    "gemma4_text": {
        "num_kv_shared_layers": 1,
        "layer_types": ["full_attention"] * 2,
        "use_double_wide_mlp": True,
        "attention_k_eq_v": True,
        "num_global_key_value_heads": 2,
    },
    "nemotron": {"num_key_value_heads": 8},
    "ministral": {"head_dim": 128},
    "hunyuan_v1_dense": {"head_dim": 128},
}
#: Families whose fields give them away even where a file calls them a LLaMA.
DISGUISED = [
    *("mixtral", "qwen3_moe", "gpt_oss", "deepseek_v3", "minicpm3", "mamba", "falcon_h1", "jamba", "bamba"),
    *(
        "lfm2",
        "qwen3_next",
        "t5",
        "bart",
        "gemma3",
        "gemma2",
        "gemma3_text",
        "cohere2",
        "zamba2",
        "granitemoe",
    ),
]


def default(family: str, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = CONFIG_MAPPING[family](**changes).to_dict()
    return found


@pytest.mark.parametrize("family", [family for family in WRITERS if family != "gemma4_assistant"])
def test_a_family_is_read_or_refused_by_name(family: str) -> None:
    contents = default(family, **UNSAID.get(family, {}))
    if contents["model_type"] in FAMILIES:
        assert spec_from_config(contents).family == contents["model_type"]
        return
    if contents["model_type"] in SEVERAL_PARTS:
        assert spec_from_config(contents).family == SEVERAL_PARTS[contents["model_type"]]
        return
    with pytest.raises(AhasdError, match=f"model_type '{contents['model_type']}'"):
        spec_from_config(contents)


@pytest.mark.parametrize("family", sorted(REFUSED))
def test_a_refusal_says_what_the_model_is(family: str) -> None:
    with pytest.raises(AhasdError, match=REFUSED[family]):
        spec_from_config(default(family))


@pytest.mark.parametrize("family", sorted((set(FAMILIES) - set(NOT_DENSE)) & set(CONFIG_MAPPING)))
def test_what_is_read_of_a_family_has_the_parameters_that_transformers_gives_it(family: str) -> None:
    """The family's own defaults, at two layers: nothing is built but shapes."""
    names = ("num_hidden_layers", "n_layer", "n_layers", "num_layers")
    layers = next(name for name in names if name in default(family))
    config = CONFIG_MAPPING[family](**{layers: 2} | CHANGED.get(family, {}))
    with torch.device("meta"):
        # A padding token beyond the default vocabulary is refused by the embedding; it has no shape.
        config.pad_token_id = None
        model = transformers.AutoModelForCausalLM.from_config(config)
    assert spec_from_config(config.to_dict()).parameters == sum(p.numel() for p in model.parameters())


@pytest.mark.parametrize("family", DISGUISED)
def test_calling_it_a_llama_does_not_make_it_one(family: str) -> None:
    contents = default(family) | {"model_type": "llama", "architectures": ["LlamaForCausalLM"]}
    with pytest.raises(AhasdError, match=r"model_type 'llama' with '\w+' = .* is "):
        spec_from_config(contents)


def test_no_family_is_both_read_and_said_to_be_unsupported() -> None:
    assert not set(FAMILIES) & set(UNSUPPORTED)
    assert set(REFUSED) <= set(WRITERS) | {"mamba"}


LLAMA: dict[str, Any] = {
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "vocab_size": 32000,
    "hidden_size": 4096,
    "intermediate_size": 11008,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "max_position_embeddings": 4096,
    "hidden_act": "silu",
}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"architectures": ["LlamaForCausalLMEagle3"]},
            "draft head that reads the hidden states of its target",
        ),
        ({"architectures": ["EagleLlamaForCausalLM"]}, "draft head that reads the hidden states"),
        ({"draft_vocab_size": 8000}, "'draft_vocab_size' = 8000 is a draft head"),
        ({"speculators_model_type": "eagle3"}, "draft head"),
        ({"num_hidden_layers": 1}, r'one layer of width 4096 .*"draft_head": false'),
        ({"num_local_experts": 8}, "'num_local_experts' = 8 is a mixture of experts"),
        ({"num_experts": [8, 4]}, "mixture of experts"),
        ({"is_encoder_decoder": True}, "an encoder with a decoder"),
        ({"add_cross_attention": True}, "an encoder with a decoder"),
        ({"num_nextn_predict_layers": 1}, "layers that predict further tokens"),
        ({"qk_layernorm": True}, "norms of queries and keys"),
        ({"block_configs": [{}]}, "layers differ in shape"),
        (
            {"layer_types": ["full_attention", "linear_attention"] * 16},
            r"\['full_attention', 'linear_attention'\]",
        ),
        # LLaMA's code knows no window, so layers that are said to have one are not LLaMA's.
        (
            {"layer_types": ["sliding_attention"] * 32, "sliding_window": 512},
            "not all of one kind|'layer_types'",
        ),
        ({"layer_types": "full"}, "must be a list of names"),
        ({"architectures": ["LlamaForSequenceClassification"]}, "no model from tokens to the next token's"),
        ({"architectures": ["LlamaModel"]}, "no model from tokens"),
        ({"architectures": ["LlamaMoEForCausalLM"]}, "another family's model under this one's name"),
        ({"architectures": ["MistralForCausalLM"]}, "another family's model"),
        ({"auto_map": {"AutoModelForCausalLM": "modeling_mine.Mine"}}, "code of its own"),
        ({"model_type": "nonsense"}, "model_type 'nonsense' is not supported; supported are afmoe"),
    ],
)
def test_what_a_llama_has_not_is_refused_by_field(changes: dict[str, Any], message: str) -> None:
    assert spec_from_config(LLAMA).parameters == 6_738_415_616
    with pytest.raises(AhasdError, match=message):
        spec_from_config(LLAMA | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"num_local_experts": 1},
        {"num_experts": 0},
        {"is_encoder_decoder": False, "add_cross_attention": False, "text_config": None},
        {"layer_types": ["full_attention"] * 32},
        {"layer_types": None},
        {"architectures": ["LLaMAForCausalLM"]},  # the first conversions spelled it so
        {"architectures": None},
        {"auto_map": {"AutoModelForCausalLM": "modeling_llama.LlamaForCausalLM"}},  # the family's own code
        {"auto_map": {"AutoTokenizer": ["tokenization_mine.Mine", None]}},
        {"pruned_heads": {}},
    ],
)
def test_fields_that_say_nothing_are_read_over(changes: dict[str, Any]) -> None:
    assert spec_from_config(LLAMA | changes) == spec_from_config(LLAMA)


def test_a_single_wide_layer_is_read_if_the_file_says_that_it_is_no_draft_head() -> None:
    one = LLAMA | {"num_hidden_layers": 1}
    assert spec_from_config(one | {"draft_head": False}).layers == 1
    assert spec_from_config(one | {"hidden_size": 512, "num_attention_heads": 8}).layers == 1


def test_windows_of_all_layers_are_read_where_a_family_has_them() -> None:
    mistral = LLAMA | {
        "model_type": "mistral",
        "architectures": ["MistralForCausalLM"],
        "num_key_value_heads": 8,
    }
    windowed = mistral | {"sliding_window": 512, "layer_types": ["sliding_attention"] * 32}
    assert spec_from_config(windowed).sliding_window == 512
    whole = windowed | {"layer_types": ["full_attention"] * 32}
    assert spec_from_config(whole).sliding_window is None
    with pytest.raises(AhasdError, match="not all of one kind of attention"):
        spec_from_config(windowed | {"layer_types": ["sliding_attention", "full_attention"] * 16})
