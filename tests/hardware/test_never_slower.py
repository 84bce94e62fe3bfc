"""A machine with more of anything, or a model with narrower words, is never slower, in both models of a device."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.assignments import assign
from ahasd.hardware.build_devices import build_npu, build_pim
from ahasd.hardware.components import DYNAMIC_COMPONENTS
from ahasd.hardware.cost import OperatorCost
from ahasd.hardware.device import Device
from ahasd.hardware.fidelity import Fidelity
from ahasd.hardware.placement.placement import RankSet
from ahasd.hardware.preset.preset import Hardware, has_section, load_preset, preset_names
from ahasd.workload.passes import forward_pass
from ahasd.workload.precision import Precision
from ahasd.workload.zoo import load_model

MODELS = ["llama2-7b", "llama-3.1-8b", "opt-1.3b", "palm-like-8b", "qwen2.5-0.5b"]
WITH_NPU = [name for name in preset_names() if has_section(name, "npu")]
WITH_PIM = [name for name in preset_names() if has_section(name, "pim")]
BITS = [4, 8, 16]
PRECISIONS = st.builds(Precision, st.sampled_from(BITS), st.sampled_from(BITS), st.sampled_from(BITS))
#: Tokens of a pass, and entries before them: decoding and verifying, or a prompt.
PASSES = st.tuples(st.integers(1, 16), st.integers(0, 3000)) | st.tuples(st.integers(128, 4096), st.just(0))
#: Machines to start from.
MACHINES = st.fixed_dictionaries(
    {
        "npu.chips": st.sampled_from([1, 2, 3, 8]),
        "npu.array_rows": st.sampled_from([32, 128]),
        "npu.array_columns": st.sampled_from([64, 100, 128]),
        "npu.scratchpad_mb": st.sampled_from([0.5, 2.0, 8.0]),
        "npu.accumulator_mb": st.sampled_from([0.1, 1.0]),
        "memory.channel_gb_per_second": st.sampled_from([6.0, 12.8, 100.0]),
    }
)
RESOURCES = [
    "npu.chips",
    "npu.scratchpad_mb",
    "npu.accumulator_mb",
    "memory.channel_gb_per_second",
    "npu.clock_ghz",
    "npu.rate_at_16_bit",
]


def with_(hardware: Hardware, **values: object) -> Hardware:
    for key, value in values.items():
        hardware = assign(hardware, key, str(value))
    return hardware


@pytest.mark.parametrize("fidelity", list(Fidelity))
@pytest.mark.parametrize("resource", RESOURCES)
@settings(max_examples=25, deadline=None)
@given(
    preset=st.sampled_from(WITH_NPU),
    model=st.sampled_from(MODELS),
    width=PASSES,
    precision=PRECISIONS,
    machine=MACHINES,
    factor=st.sampled_from([1.01, 1.5, 2, 4, 16]),
)
def test_more_of_an_npu_is_never_slower(
    fidelity: Fidelity,
    resource: str,
    preset: str,
    model: str,
    width: tuple[int, int],
    precision: Precision,
    machine: dict[str, object],
    factor: float,
) -> None:
    hardware = with_(load_preset(preset).hardware, **machine)
    before = hardware.constant(resource)
    assert before is not None
    more: float = before * factor
    if resource == "npu.chips":
        more = max(int(before) + 1, int(more))
    elif resource == "npu.rate_at_16_bit":
        more = min(1.0, more)
    graph = forward_pass(load_model(model), *width, precision)
    slow, quick = (
        build_npu(machine, 4, precision, fidelity).cost(graph).seconds
        for machine in (hardware, with_(hardware, **{resource: more}))
    )
    assert quick <= slow * (1 + 1e-12)


def devices(preset: str, precision: Precision, fidelity: Fidelity) -> Iterator[Device]:
    hardware = load_preset(preset).hardware
    if hardware.npu is not None:
        yield build_npu(hardware, 4, precision, fidelity)
    if hardware.pim is not None:
        memory = hardware.require_memory()
        # All ranks, or all but one of each channel; vector work is the NPU's, or left out below.
        for first in range(min(2, memory.ranks_per_channel)):
            ranks = RankSet(memory.channels, first, memory.ranks_per_channel - first)
            yield build_pim(hardware, ranks, hardware.aau is not None, precision, fidelity)


@pytest.mark.parametrize("fidelity", list(Fidelity))
@pytest.mark.parametrize("width_of", ["kv_bits", "weight_bits"])
@settings(max_examples=40, deadline=None)
@given(
    preset=st.sampled_from(sorted({*WITH_NPU, *WITH_PIM})),
    model=st.sampled_from(MODELS),
    width=st.tuples(st.integers(1, 16), st.integers(0, 3000)),
    precision=PRECISIONS,
)
def test_narrower_weights_and_caches_are_never_slower(
    fidelity: Fidelity,
    width_of: str,
    preset: str,
    model: str,
    width: tuple[int, int],
    precision: Precision,
) -> None:
    spec, seconds = load_model(model), []
    for bits in BITS:
        given_bits = {
            name: getattr(precision, name) for name in ("weight_bits", "kv_bits", "activation_bits")
        }
        narrowed = Precision(**given_bits | {width_of: bits})
        products = [
            o for o in forward_pass(spec, *width, narrowed).operators if o.kind.is_product or o.on_cache
        ]
        seconds.append(
            [
                sum(device.operator_cost(operator).cost.seconds for operator in products)
                for device in devices(preset, narrowed, fidelity)
            ]
        )
    # Command streams may slip by a refresh.
    slip = 1e-3 if fidelity is Fidelity.DETAILED else 1e-12
    for narrow, wide in pairwise(seconds):
        assert all(n <= w * (1 + slip) for n, w in zip(narrow, wide, strict=True))


def multiplying_joules(cost: OperatorCost) -> float:
    """Joules of multiply-accumulates, on the NPU or in memory."""
    joules = dict(zip(DYNAMIC_COMPONENTS, cost.cost.energy_j, strict=True))
    return joules["npu_compute"] + joules["pim_compute"]


@pytest.mark.parametrize("fidelity", list(Fidelity))
@pytest.mark.parametrize("in_memory", [False, True])
def test_words_of_16_bits_run_at_the_stated_rate_and_energy(fidelity: Fidelity, in_memory: bool) -> None:
    """A prompt's product on the NPU, a token's in memory; weights of 4 bits run as those of 8 do."""
    hardware = load_preset("module-mac").hardware
    section = hardware.require_pim() if in_memory else hardware.require_npu()
    found: dict[tuple[int, int], OperatorCost] = {}
    for bits in ((4, 8), (8, 8), (8, 16), (16, 8), (16, 16)):
        precision = Precision(weight_bits=bits[0], activation_bits=bits[1])
        graph = forward_pass(load_model("llama2-7b"), 1 if in_memory else 4096, 0, precision)
        (gate,) = [operator for operator in graph.operators if operator.name == "layer.gate"]
        device: Device = (
            build_pim(hardware, RankSet(4, 0, 4), True, precision, fidelity)
            if in_memory
            else build_npu(hardware, 4, precision, fidelity)
        )
        found[bits] = device.operator_cost(gate)
    seconds, joules = found[8, 8].compute_seconds, multiplying_joules(found[8, 8])
    assert found[4, 8].compute_seconds == pytest.approx(seconds, rel=0.02)
    assert multiplying_joules(found[4, 8]) == joules
    for wide in ((8, 16), (16, 8), (16, 16)):
        # In memory the lanes of a column are added too, however many there are.
        assert found[wide].compute_seconds == pytest.approx(seconds / section.rate_at_16_bit, rel=0.03)
        assert multiplying_joules(found[wide]) == pytest.approx(joules * section.energy_at_16_bit)
