"""What a `config.json` says of how weights are kept: every method that is read, what is left, what is refused."""

from typing import Any

import pytest

from ahasd.errors import AhasdError
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.passes import weight_bytes
from ahasd.workload.precision import Precision
from ahasd.workload.readers.hugging_face import spec_from_config
from ahasd.workload.readers.quantisation.methods import METHODS
from ahasd.workload.readers.quantisation.modules import Modules
from ahasd.workload.stored_weights import StoredWeights
from ahasd.workload.weight_formats import matrix_elements

HIDDEN, INNER, LAYERS, VOCABULARY = 256, 512, 4, 1000
CONFIG: dict[str, Any] = {
    "model_type": "llama",
    "vocab_size": VOCABULARY,
    "hidden_size": HIDDEN,
    "intermediate_size": INNER,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": 4,
    "max_position_embeddings": 128,
    "hidden_act": "silu",
}
IN_LAYERS = ("query", "key", "value", "attention_output", "gate", "up", "down")
INT4 = {"num_bits": 4, "type": "int", "strategy": "group", "group_size": 128, "symmetric": True}
COMPRESSED = {
    "quant_method": "compressed-tensors",
    "config_groups": {"g": {"targets": ["Linear"], "weights": INT4}},
    "ignore": ["lm_head"],
}
FP8 = {"num_bits": 8, "type": "float", "strategy": "channel"}


def read(quantisation: dict[str, Any] | None = None, **fields: Any) -> ModelSpec:
    said = {} if quantisation is None else {"quantization_config": quantisation}
    return spec_from_config(CONFIG | said | fields)


def kept(quantisation: dict[str, Any] | None = None, **fields: Any) -> StoredWeights:
    stored = read(quantisation, **fields).stored_weights
    assert stored is not None
    return stored


@pytest.mark.parametrize(
    ("quantisation", "bits"),
    [
        ({"quant_method": "awq", "bits": 4, "group_size": 128}, 4 + 20 / 128),
        ({"quant_method": "awq", "w_bit": 4, "q_group_size": 64, "zero_point": False}, 4 + 16 / 64),
        ({"quant_method": "gptq", "bits": 8, "group_size": 32, "desc_act": False}, 8 + 24 / 32),
        ({"quant_method": "gptq", "bits": 3, "group_size": 128}, 3 + 19 / 128),
        ({"quant_method": "fp8", "weight_block_size": [128, 128]}, 8 + 32 / 128**2),
        ({"quant_method": "fp8", "scale_fmt": "ue8m0"}, 8 + 8 / 128**2),
        ({"quant_method": "bitsandbytes", "load_in_4bit": True, "bnb_4bit_quant_type": "nf4"}, 4.5),
        ({"load_in_4bit": True, "bnb_4bit_use_double_quant": True}, 4 + (8 + 32 / 256) / 64),
        (COMPRESSED, 4 + 16 / 128),
        ({"quant_method": "modelopt", "quant_algo": "NVFP4", "ignore": ["lm_head"]}, 4.5),
    ],
)
def test_bits_per_weight_of_the_layers_count_the_scales(quantisation: dict, bits: float) -> None:
    stored = kept(quantisation, torch_dtype="bfloat16")
    assert stored.bits_of(*IN_LAYERS) == pytest.approx(bits)
    assert stored.bits_of("embedding", "lm_head", "fine") == 16
    assert stored.origin == "quantization_config"
    assert stored.elements == read(quantisation).parameters


@pytest.mark.parametrize(
    ("quantisation", "each"),
    [
        ({"quant_method": "bitsandbytes", "load_in_8bit": True}, 4 * HIDDEN),
        ({"quant_method": "fbgemm_fp8"}, 4 * HIDDEN),
        ({"quant_method": "gptq", "bits": 8, "group_size": -1}, 3 * HIDDEN),
        ({"quant_method": "gptq", "bits": 8, "group_size": -1, "desc_act": True}, 3 * HIDDEN + 4 * HIDDEN),
        ({"quant_method": "fp8", "weight_block_size": None}, 4),
        ({"quant_method": "modelopt", "quant_algo": "FP8"}, 4),
    ],
)
def test_scales_of_rows_and_of_whole_matrices_are_counted(quantisation: dict, each: int) -> None:
    query = next(group for group in kept(quantisation).groups if group.name == "query")
    assert query.bytes == LAYERS * (HIDDEN * HIDDEN + each)


@pytest.mark.parametrize(
    ("fields", "bits"),
    [({"dtype": "bfloat16"}, 16), ({"torch_dtype": "float16"}, 16), ({"dtype": "torch.float32"}, 32)],
)
def test_a_type_alone_is_the_format_of_all_weights(fields: dict, bits: int) -> None:
    spec = read(None, **fields)
    assert spec.stored_weights is not None
    assert spec.stored_weights.bits_per_weight == bits
    assert weight_bytes(spec, Precision()) == spec.parameters * bits // 8
    assert spec.stored_weights.origin == "dtype"


def test_a_file_that_says_nothing_leaves_it_to_the_run() -> None:
    assert read().stored_weights is None
    assert read(None, torch_dtype="auto").stored_weights is None


@pytest.mark.parametrize("method", sorted(METHODS))
def test_a_graph_takes_the_bytes_that_the_file_has(method: str) -> None:
    how: dict[str, Any] = {
        "bitsandbytes": {"load_in_4bit": True},
        "modelopt": {"quant_algo": "NVFP4"},
        "compressed-tensors": {"config_groups": {"g": {"targets": ["Linear"], "weights": FP8}}},
    }.get(method, {})
    spec = read({"quant_method": method, **how}, dtype="float16")
    assert spec.stored_weights is not None
    assert (
        abs(weight_bytes(spec, Precision()) - spec.stored_weights.bytes)
        <= len(matrix_elements(spec)) * LAYERS
    )


def test_a_tied_head_is_the_table_and_stands_once() -> None:
    spec = read({"quant_method": "awq"}, tie_word_embeddings=True)
    assert spec.stored_weights is not None
    assert spec.stored_weights.elements == spec.parameters
    assert spec.stored_weights.bits_of("lm_head") is None


@pytest.mark.parametrize(
    ("left", "names", "layers"),
    [
        ({"modules_to_not_convert": ["model.layers.0", "model.layers.3.mlp"]}, ("query", "up"), (1, 2)),
        ({"modules_to_not_convert": ["self_attn.o_proj"]}, ("attention_output",), (LAYERS,)),
        ({"modules_to_not_convert": ["o_proj", "lm_head"]}, ("attention_output", "gate"), (LAYERS, 0)),
        ({"ignored_layers": ["re:.*mlp.*"]}, ("gate", "query"), (LAYERS, 0)),
        ({"modules_to_not_convert": ["model.layers.*.self_attn"]}, ("query", "gate"), (LAYERS, 0)),
        ({"modules_to_not_convert": ["mlp.gate"]}, ("gate", "up"), (0, 0)),
        ({"modules_to_not_convert": ["model.layers.1"]}, ("query",), (1,)),
    ],
)
def test_modules_that_are_left_keep_their_type(left: dict, names: tuple, layers: tuple) -> None:
    stored = kept({"quant_method": "fp8", "weight_block_size": None, **left}, dtype="bfloat16")
    for name, unquantised in zip(names, layers, strict=True):
        group = next(group for group in stored.groups if group.name == name)
        elements = group.elements // LAYERS
        assert group.bytes == unquantised * 2 * elements + (LAYERS - unquantised) * (elements + 4)


def test_groups_of_compressed_tensors_fit_the_first_of_their_targets() -> None:
    groups = {
        "attention": {"targets": ["re:.*self_attn.*"], "weights": FP8},
        "rest": {"targets": ["Linear"], "weights": INT4},
        "inputs": {"targets": ["Linear"], "weights": None},
    }
    stored = kept({"quant_method": "compressed-tensors", "config_groups": groups, "ignore": ["lm_head"]})
    assert stored.bits_of("query") == 8 + 16 / HIDDEN
    assert stored.bits_of("up") == 4 + 16 / 128
    assert stored.format == "FP8 by rows and INT4, groups of 128, rest f16"
    unlisted = kept({"quant_method": "compressed-tensors", "config_groups": {"rest": groups["rest"]}})
    assert unlisted.bits_of("lm_head") == 4 + 16 / 128, "nothing leaves the head out"


def test_mxfp4_is_of_experts_alone() -> None:
    stored = kept({"quant_method": "mxfp4", "modules_to_not_convert": ["lm_head"]}, dtype="bfloat16")
    assert stored.bits_per_weight == 16


def test_memory_that_computes_holds_code_books_in_wider_words() -> None:
    nf4 = kept({"quant_method": "bitsandbytes", "load_in_4bit": True, "bnb_4bit_quant_type": "nf4"})
    assert nf4.in_words.bits_of("query") == 16 + 32 / 64
    awq = kept({"quant_method": "awq"})
    assert awq.in_words.bits_of("query") == awq.bits_of("query")


@pytest.mark.parametrize(
    ("quantisation", "message"),
    [
        ({"quant_method": "hqq"}, "quant_method 'hqq' is not read; known are awq, bitsandbytes"),
        ({"bits": 4}, "quant_method '' is not read"),
        ([4], "must be an object"),
        ({"quant_method": "awq", "bits": 12}, "12 bits are no width"),
        ({"quant_method": "awq", "group_size": 0}, "group_size"),
        ({"quant_method": "gptq", "dynamic": {"+:q": {"bits": 8}}}, "rules of their own"),
        ({"quant_method": "bitsandbytes"}, "either load_in_4bit or load_in_8bit"),
        ({"quant_method": "fp8", "weight_block_size": [128]}, "two positive integers"),
        ({"quant_method": "fp8", "modules_to_not_convert": "lm_head"}, "must be a list of names"),
        ({"quant_method": "fp8", "modules_to_not_convert": ["re:(("]}, "no regular expression"),
        (
            {"quant_method": "fp8", "modules_to_not_convert": ["re:" + "a" * 600]},
            "at most 256 of at most 512",
        ),
        ({"quant_method": "modelopt", "quant_algo": "INT3"}, "known are FP8, NVFP4"),
        ({"quant_method": "compressed-tensors"}, "needs config_groups"),
        (
            {"quant_method": "compressed-tensors", "config_groups": {"g": {"weights": FP8}}},
            "weights and targets",
        ),
        (
            {"quant_method": "compressed-tensors", "sparsity_config": {"format": "sparse-24-bitmask"}},
            "with sparse weights",
        ),
    ],
)
def test_what_is_not_read_is_refused_by_name(quantisation: Any, message: str) -> None:
    with pytest.raises(AhasdError, match=message):
        spec_from_config(CONFIG | {"quantization_config": quantisation})


def test_a_type_that_is_not_known_is_refused() -> None:
    with pytest.raises(AhasdError, match=r"dtype 'float3' is not read; known are float32, float16, bfloat16"):
        read(None, dtype="float3")


def test_names_of_modules_fit_as_those_of_transformers_do() -> None:
    quantizers = pytest.importorskip("transformers.quantizers.quantizers_utils")
    patterns = ["model.layers.1", "mlp.gate", "fc1", "model.layers.*.self_attn", "lm_head", ".*down_proj"]
    modules = Modules(patterns, "test")
    for module in (
        "model.layers.1.mlp.up_proj",
        "model.layers.11.mlp.up_proj",
        "model.layers.2.mlp.gate",
        "model.layers.2.mlp.gate_proj",
        "model.layers.2.self_attn.q_proj",
        "model.layers.2.mlp.down_proj",
        "model.decoder.layers.2.fc1",
        "lm_head",
        "model.lm_head_norm",
    ):
        assert modules.fit(module) is not quantizers.should_convert_module(module, patterns), module
