"""Plans for mixtures: bytes add up, what fits is what fits, and more of anything never writes slower."""

import json
from pathlib import Path
from typing import Any

import pytest

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.experts.mixture import mixture_of
from ahasd.prediction.expert_plan.host_memory import host_peak
from ahasd.prediction.expert_plan.machine import HANDOVER_S, OffloadMachine
from ahasd.prediction.expert_plan.named_mixture import named_mixture, read_mixture
from ahasd.prediction.expert_plan.placements import cached_on_host, on_host, streamed
from ahasd.prediction.expert_plan.plan import MachineWords, plan_experts
from ahasd.prediction.from_figures.memory_fit import PROGRAM_BYTES
from ahasd.traces.routing.synthetic import SyntheticRouting, synthesize
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.zoo import load_model

MIXTRAL: dict[str, Any] = {
    "model_type": "mixtral",
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "num_local_experts": 8,
    "num_experts_per_tok": 2,
    "vocab_size": 32000,
    "max_position_embeddings": 32768,
    "tie_word_embeddings": False,
    "rms_norm_eps": 1e-5,
    "hidden_act": "silu",
}


@pytest.fixture
def mixtral(tmp_path: Path) -> Path:
    folder = tmp_path / "mixtral"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(MIXTRAL), encoding="utf-8")
    return folder / "config.json"


def test_a_file_gives_every_byte_its_place(mixtral: Path) -> None:
    spec = load_model(mixtral)
    assert isinstance(spec, ModelSpec)
    found = mixture_of(spec, 16)
    assert found.expert_bytes == 3 * 4096 * 14336 * 2
    assert (found.layers, found.experts, found.chosen) == (32, 8, 2)
    tokens_table = 32000 * 4096 * 2
    assert found.dense_bytes + found.experts_bytes + tokens_table == found.stored_bytes == spec.parameters * 2
    assert found.dense_bytes + 32 * found.layer_bytes + tokens_table == spec.active_parameters * 2


def test_a_name_comes_close_to_the_file(mixtral: Path) -> None:
    by_file, _ = read_mixture(str(mixtral), "bf16")
    by_name = named_mixture("Mixtral-8x7B-Instruct", "bf16")
    assert by_name.expert_bytes == pytest.approx(by_file.expert_bytes, rel=0.01)
    assert by_name.dense_bytes == pytest.approx(by_file.dense_bytes, rel=0.2)


def test_what_fits_lies_in_fast_memory_and_else_as_few_layers_as_possible_elsewhere() -> None:
    small = plan_experts("gpt-oss-20b", MachineWords("RTX 3090"))
    assert small.fits
    large = plan_experts("gpt-oss-120b", MachineWords("RTX 3090", host="dual-channel DDR5-5600"))
    assert not large.fits
    mixture, layers = large.mixture, large.best.host_layers
    room = large.machine.fast_bytes - large.cache_bytes - PROGRAM_BYTES
    each = mixture.experts * mixture.expert_bytes
    assert mixture.stored_bytes - layers * each <= room < mixture.stored_bytes - (layers - 1) * each


def test_the_time_of_a_token_is_that_of_its_bytes() -> None:
    mixture = named_mixture("gpt-oss-120b", "mxfp4")
    machine = OffloadMachine("m", 1e-12, 1e-5, 1e10, 100e9, True, None, None)
    found = on_host(mixture, machine, 10)
    here = mixture.dense_bytes + 26 * mixture.layer_bytes
    there = 10 * (mixture.layer_bytes / (0.6 * 100e9) + HANDOVER_S)
    assert found.seconds == pytest.approx(here * 1e-12 + 36 * 1e-5 + there)
    assert found.high / found.low <= 2.5


def test_a_cache_that_always_hits_is_as_fast_as_fast_memory_and_one_that_never_does_as_the_host() -> None:
    mixture = named_mixture("Qwen3.6-35B-A3B", "Q4_K_M")
    machine = OffloadMachine("m", 2e-12, 1e-5, 1e10, 80e9, True, None, None)
    assert cached_on_host(mixture, machine, 128, 1.0).seconds == pytest.approx(
        on_host(mixture, machine, 0).seconds
    )
    assert cached_on_host(mixture, machine, 0, 0.0).seconds == pytest.approx(
        on_host(mixture, machine, 40).seconds
    )


def test_more_slots_memory_or_bandwidth_never_write_slower() -> None:
    mixture = named_mixture("Qwen3.6-35B-A3B", "Q4_K_M")
    machine = OffloadMachine("m", 2e-12, 1e-5, 1e10, 80e9, True, None, 2e9)
    speeds = [cached_on_host(mixture, machine, slots).tokens_per_second for slots in (8, 32, 128, 256)]
    assert speeds == sorted(speeds)
    from_storage = [streamed(mixture, machine, room) for room in (4e9, 8e9, 16e9)]
    seconds = [one.seconds for one in from_storage if one is not None]
    assert len(seconds) == 3
    assert seconds == sorted(seconds, reverse=True)
    by_host = [
        plan_experts("gpt-oss-120b", MachineWords("RTX 3090", host=f"{rate} GB/s")).best.tokens_per_second
        for rate in (40, 80, 160)
    ]
    assert by_host == sorted(by_host)


def test_a_trace_replaces_the_published_hit_rate() -> None:
    trace = synthesize(SyntheticRouting(experts=256, top=8, layers=2, tokens=400, repeat=0.9, depth=0))
    words = MachineWords("RTX 3060", host="60 GB/s")
    with_trace = plan_experts("Qwen3.6-35B-A3B", words, trace=trace)
    cached = next(one for one in with_trace.placements if one.slots is not None)
    usual = next(one for one in plan_experts("Qwen3.6-35B-A3B", words).placements if one.slots is not None)
    assert cached.hit_rate is not None
    assert usual.hit_rate is not None
    assert cached.hit_rate > usual.hit_rate
    with pytest.raises(AhasdError, match="the trace has 8 of 256 experts, gpt-oss-120b 4 of 128"):
        plan_experts("gpt-oss-120b", words, trace=trace)


def test_a_machine_that_is_known_as_a_whole_needs_no_further_words() -> None:
    phone = plan_experts("Qwen3.6-35B-A3B", MachineWords("phone-flash"))
    assert "on storage" in phone.best.name
    desktop = plan_experts("Qwen3.6-35B-A3B", MachineWords("pcie3-desktop"))
    assert desktop.best.host_layers > 0
    assert desktop.machine.host_rate == pytest.approx(29.97e9)
    with pytest.raises(AhasdError, match="all of phone-flash is known"):
        plan_experts("Qwen3.6-35B-A3B", MachineWords("phone-flash", storage=1e9))


@pytest.mark.parametrize(
    ("words", "peak"),
    [
        ("i9-14900K DDR5", 89.6e9),
        ("Ryzen 7 5800X DDR4", 51.2e9),
        ("Ryzen 9 5950X (DDR4)", 51.2e9),
        ("quad DDR4 ~102 GB/s", 102e9),
        ("cloud host (8-channel server)", 204.8e9),
        ("Xeon Gold 6133", 127.968e9),
        ("2x EPYC 7543, 16x DDR4-3200", 204.8e9),
        ("12-channel DDR5-4800", 460.8e9),
        ("cloud host", None),
    ],
)
def test_words_for_a_hosts_memory_are_read(words: str, peak: float | None) -> None:
    assert host_peak(words) == (None if peak is None else pytest.approx(peak))


@pytest.mark.parametrize(
    ("model", "words", "error", "said"),
    [
        ("llama2-7b", MachineWords("RTX 3090"), AhasdError, "no mixture of experts; `ahasd plan`"),
        ("Some-Mixture-99B-A9B", MachineWords("RTX 3090"), AhasdError, "give the path of its config.json"),
        ("gpt-oss-120b", MachineWords("RTX 9999"), UnknownNameError, "unknown device"),
        (
            "gpt-oss-120b",
            MachineWords("RTX 3090", host="fast"),
            AhasdError,
            "does not say how fast its memory is",
        ),
        ("gpt-oss-120b", MachineWords("RTX 3090", host="60 GB/s", host_bytes=16e9), AhasdError, "--storage"),
        ("gpt-oss-120b", MachineWords("RTX 3090", 2e9), AhasdError, "smaller format"),
        (
            "gpt-oss-120b",
            MachineWords("Apple M4 Pro (16-core GPU)", host="60 GB/s"),
            AhasdError,
            "has one memory",
        ),
    ],
)
def test_what_cannot_be_planned_is_refused(
    model: str, words: MachineWords, error: type[AhasdError], said: str
) -> None:
    with pytest.raises(error, match=said):
        plan_experts(model, words)


def test_what_fits_neither_device_nor_host_is_read_from_storage() -> None:
    words = MachineWords("RTX 3090", host="dual-channel DDR5-5600", host_bytes=32e9, storage=5e9)
    found = plan_experts("gpt-oss-120b", words)
    assert "on storage" in found.best.name
    assert found.best.tokens_per_second < 20
