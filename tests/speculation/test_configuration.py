"""What a user asks for, looked up, and written out whole."""

from pathlib import Path
from typing import Any

import pytest

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.speculation.configuration import Resolved, RunConfiguration, freeze, resolve
from ahasd.workload.zoo import load_model

TRACE = "synthetic:acceptance=0.8,auc=0.7,positions=800"
TINY = {"draft": load_model("tiny-draft"), "target": load_model("tiny-target")}


def resolved(**values: Any) -> Resolved:
    return resolve(RunConfiguration.checked(**{"trace": TRACE, "pair": "tiny-draft:tiny-target", **values}))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"batch": 2}, "batch 2: system .ahasd. is modelled for one text"),
        ({"tokens": 0}, "^tokens is 0; must be at least 1"),
        ({"prompt_tokens": 0}, "prompt_tokens is 0; must be at least 1"),
        ({"weight_bits": 5}, "weight_bits is 5; must be 4, 8 or 16"),
        ({"kv_bits": 2}, "kv_bits is 2; must be 4, 8 or 16"),
        ({"tokns": 5}, "Valid keys of a configuration: .*tokens"),
        ({"models": {"draft": TINY["draft"]}}, "models: needs both 'draft' and 'target'"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(values: dict[str, Any], said: str) -> None:
    with pytest.raises(AhasdError, match=said):
        resolved(**values)


@pytest.mark.parametrize("system", ["ahasd", "npu-autoregressive"])
def test_a_wrong_algorithm_is_wrong_on_every_system(system: str) -> None:
    with pytest.raises(UnknownNameError, match=r"unknown algorithm 'adaedk'\. Did you mean 'adaedl'"):
        resolved(system=system, algorithm="adaedk")
    with pytest.raises(UnknownNameError, match="Did you mean 'none'"):
        resolved(system=system, algorithm="nome")


def test_other_wrong_names_keep_their_kind() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'gamma'") as error:
        resolved(algorithm="adaedl:gama=3")
    assert error.value.kind == "parameter of adaedl"
    assert "none" not in error.value.valid


def test_models_that_are_given_whole_need_no_name() -> None:
    found = resolved(pair="ours", models=TINY)
    assert (found.pair.draft, found.pair.target) == (TINY["draft"], TINY["target"])
    assert found.pair.name == "tiny-draft:tiny-target"


def test_models_from_files_are_written_out_and_those_of_the_zoo_are_not(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "config.json").write_text(
        '{"model_type": "llama", "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, '
        '"num_attention_heads": 4, "vocab_size": 32000, "hidden_act": "silu", "max_position_embeddings": 256}',
        encoding="utf-8",
    )
    foreign = resolved(pair=f"{folder}:llama2-7b")
    frozen = freeze(foreign)
    assert frozen.models == {"draft": foreign.pair.draft, "target": load_model("llama2-7b")}
    assert frozen.pair == foreign.pair.name == "mine:llama2-7b"
    assert str(tmp_path) not in frozen.model_dump_json()
    assert resolve(frozen).pair == foreign.pair
    assert freeze(resolved()).models is None


def test_changes_are_written_out_in_hardware_and_system() -> None:
    frozen = freeze(resolved(system="npu", set=("npu.clock_ghz=1.5", "system.catch_up=separate")))
    assert frozen.set == ()
    assert isinstance(frozen.system, dict)
    assert frozen.system["catch_up"] == "separate"
    again = resolve(frozen)
    assert again.preset.hardware.require_npu().clock_ghz == 1.5


def test_without_a_draft_the_system_is_its_target_and_nothing_is_prepared() -> None:
    found = resolved(system="ahasd", algorithm="none")
    assert found.system.schedule == "autoregressive"
    assert found.algorithm is None
    assert resolved(system="npu-autoregressive", algorithm="adaedl").algorithm is None


def test_a_run_has_the_precision_hardware_and_trace_that_were_asked_for() -> None:
    found = resolved(weight_bits=4, kv_bits=16, hardware="rank-both")
    assert (found.precision.weight_bits, found.precision.kv_bits) == (4, 16)
    assert found.preset.hardware.name == "rank-both"
    assert found.trace_sha256 == found.trace.sha256
    calibrated = resolved(algorithm="adaedl:calibrated")
    assert calibrated.trace_sha256 == found.trace_sha256, "of the whole trace, held-out prompts included"
