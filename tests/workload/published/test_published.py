"""Published models: exact parameters and bytes of the cache, of the sizes that people download."""

import pytest

from ahasd.workload.passes import forward_pass, kv_cache_bytes
from ahasd.workload.precision import Precision
from ahasd.workload.readers.families.by_model_type import FAMILIES
from ahasd.workload.readers.families.not_dense import NOT_DENSE
from ahasd.workload.readers.hugging_face import spec_from_config

from .gemma import GEMMA
from .gpt import GPT
from .llama import LLAMA
from .others import OTHERS, OWN_CODE
from .qwen import QWEN
from .row import Row

IN_TRANSFORMERS = [*LLAMA, *QWEN, *GEMMA, *GPT, *OTHERS]
ROWS = [*IN_TRANSFORMERS, *OWN_CODE]
FLOAT16 = Precision(16, 16, 16)


def names(rows: list[Row]) -> list[str]:
    return [row.name for row in rows]


def test_every_family_that_is_read_is_here() -> None:
    assert {row.config["model_type"] for row in ROWS} == set(FAMILIES) - set(NOT_DENSE) - {"palm"}
    assert len(ROWS) >= 80
    assert len({row.name for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_the_parameters_are_those_of_the_published_model(row: Row) -> None:
    assert spec_from_config(row.config).parameters == row.parameters


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_the_cache_is_keys_and_values_of_every_layer_as_far_as_its_window(row: Row) -> None:
    spec = spec_from_config(row.config)
    for entries in (0, 1, 700, 5000, 300_000):
        kept = sum(layers * width * min(entries, window or entries) for layers, width, window in row.cache)
        assert kv_cache_bytes(spec, entries, FLOAT16) == 2 * 2 * kept


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_a_step_reads_all_that_it_needs_and_no_more(row: Row) -> None:
    spec = spec_from_config(row.config)
    step = forward_pass(spec, 1, 699, FLOAT16)
    tables = sum(value.bytes for value, _ in step.constants if value.name.endswith(".table"))
    head = 2 * spec.vocabulary_size * spec.embedding_width if spec.tied_embeddings else 0
    # Gemma 3n's layers route their streams twice, by one matrix and norm.
    again = 2 * (spec.streams + 1) * spec.layers * spec.hidden_size if spec.streams > 1 else 0
    rows = sum(o.weight_bytes for o in step.operators if o.kind == "gather")
    read = sum(o.weight_bytes for o in step.operators) - rows
    assert read == step.weight_bytes - tables + head + again
    # Layers that share a cache read it as others do.
    attended = sum(
        2
        * group.layers
        * (group.key_value_heads or spec.key_value_heads)
        * (group.head_dim or spec.head_dim)
        * min(700, group.sliding_window or 700)
        for group in spec.groups
    )
    assert sum(o.kv_read_bytes for o in step.operators) == 2 * attended


@pytest.mark.parametrize("row", IN_TRANSFORMERS, ids=names(IN_TRANSFORMERS))
def test_transformers_builds_as_many_parameters(row: Row) -> None:
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    config = transformers.AutoConfig.for_model(**row.config)
    config.pad_token_id = None
    with torch.device("meta"):
        model = transformers.AutoModelForCausalLM.from_config(config)
    assert sum(parameter.numel() for parameter in model.parameters()) == row.parameters
