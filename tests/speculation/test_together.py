"""Host and PIM together, against the bound that no use of both can pass, and the systems' refusals."""

from functools import cache
from itertools import product

import pytest

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.hardware.build_devices import build_npu, build_pim
from ahasd.hardware.fidelity import Fidelity
from ahasd.hardware.mapping.mapped_device import OperatorMapped
from ahasd.hardware.placement.placement import RankSet
from ahasd.hardware.step_table import StepTable
from ahasd.speculation.configuration import RunConfiguration, resolve
from ahasd.speculation.options.read import parse_system
from ahasd.speculation.place import PlacedMachine
from ahasd.speculation.run import build_machine, simulate
from ahasd.systems.families import load_system
from ahasd.workload.operators import OperatorKind
from ahasd.workload.passes import forward_pass

TRACE = "synthetic:acceptance=0.8,auc=0.7,positions=800"


@cache
def machine(system: str, pair: str = "tiny-draft:tiny-target", **values: str) -> PlacedMachine:
    changes = tuple(f"{key.replace('__', '.')}={value}" for key, value in values.items())
    given = {"pair": pair, "trace": TRACE, "tokens": 64, "algorithm": "fixed:8", "set": changes}
    return build_machine(resolve(RunConfiguration.checked(system=system, **given)))


@pytest.mark.parametrize("system", ["npu-pim-sync", "npu-pim-split"])
@pytest.mark.parametrize("pair", ["tiny-draft:tiny-target", "opt-1.3b:opt-6.7b"])
@pytest.mark.parametrize("width", [1, 5, 9])
def test_no_pass_beats_ideal_overlap_of_its_operators(system, pair, width):
    """Ideal: each operator is divided without loss, both devices have all ranks and nothing is ever in the way.

    The tiny models lie below the fixed cost of a product, where division only loses.
    """
    placed = machine(system, pair)
    ranks = RankSet(4, 0, 4)
    npu = build_npu(placed.hardware, 4, placed.precision, Fidelity.DETAILED)
    pim = build_pim(placed.hardware, ranks, False, placed.precision, Fidelity.DETAILED)
    for steps, spec in (
        (placed.machine.target_steps, placed.models["target"]),
        (placed.machine.draft_steps, placed.models["draft"]),
    ):
        assert steps is not None
        bound = 0.0
        for operator in forward_pass(spec, width, 128, placed.precision).operators:
            on_npu, in_pim = (d.operator_cost(operator).cost.seconds for d in (npu, pim))
            bound += on_npu * in_pim / (on_npu + in_pim) if on_npu and in_pim else 0.0
        assert steps.cost(width, 128).seconds >= bound * (1 - 1e-9)


@pytest.mark.parametrize("width", [1, 3, 9, 17])
@pytest.mark.parametrize("aau", ["true", "false"])
def test_at_its_design_point_a_mapping_is_as_fast_as_either_device_alone(width, aau):
    placed = machine("npu-pim-sync", system__aau=aau, system__design_draft_length=str(max(1, width - 1)))
    npu = build_npu(placed.hardware, 4, placed.precision, Fidelity.DETAILED)
    pim = build_pim(placed.hardware, RankSet(4, 0, 4), aau == "true", placed.precision, Fidelity.DETAILED)
    context = placed.lengths.prompt + placed.lengths.generated // 2
    rounds = [(placed.machine.target_steps, placed.models["target"], max(1, width - 1) + 1, 1)]
    assert placed.machine.draft_steps is not None
    rounds.append((placed.machine.draft_steps, placed.models["draft"], 1, max(1, width - 1)))

    def alone(*devices):
        return sum(
            times * device.cost(forward_pass(spec, tokens, context, placed.precision)).seconds
            for device, (_, spec, tokens, times) in zip(devices, rounds, strict=True)
        )

    mapped = alone(*(steps.device for steps, *_ in rounds))
    for devices in ((npu, npu), (pim, pim), (npu, pim), (pim, npu)):
        assert mapped <= alone(*devices) * (1 + 1e-9)


def test_the_mapping_stays_when_the_length_varies():
    """Tuned for drafts of 8 the target is not in memory, where a pass repeats for every token; tuned for 1 it is."""
    long, short = (
        machine("npu-pim-sync", "opt-1.3b:opt-6.7b", system__design_draft_length=length)
        for length in ("8", "1")
    )
    assert long.together is not None
    assert short.together is not None
    assert "target: nothing" in long.together.remark
    assert "target: nothing" not in short.together.remark
    assert long.machine.target_steps.cost(9, 128).seconds < short.machine.target_steps.cost(9, 128).seconds
    assert long.machine.target_steps.cost(1, 128).seconds > short.machine.target_steps.cost(1, 128).seconds


@pytest.mark.parametrize("system", ["npu-pim-sync", "npu-pim-split"])
def test_busy_shares_are_those_of_the_parts(system):
    result = simulate(
        system=system, pair="tiny-draft:tiny-target", trace=TRACE, tokens=32, algorithm="fixed:4"
    )
    npu, pim = result.devices["npu"], result.devices["pim"]
    if system == "npu-pim-sync":
        assert npu.busy + pim.busy == pytest.approx(1)
    else:
        assert npu.busy + pim.busy >= 1
    assert any("for drafts of 8" in note for note in result.notes)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"draft_device": "pim"}, "together run both models"),
        ({"catch_up": "never"}, "must be 'merged' or 'separate'"),
        ({"placement": "apart"}, "must be interleaved"),
        ({"operators": "split", "aau": True}, "without aau"),
        ({"operators": "split", "draft_device": "gpu+pim", "target_device": "gpu+pim"}, "npu"),
        (
            {"operators": "split", "draft_device": "npu", "target_device": "npu"},
            "must be npu\\+pim|this system has none",
        ),
        ({"design_draft_length": 0}, "must be at least 1"),
    ],
)
def test_what_cannot_work_together_is_refused(changes, problem):
    document = load_system("npu-pim-sync").model_dump() | changes
    with pytest.raises(AhasdError, match=problem):
        parse_system(document)


def test_plain_memory_does_not_compute():
    with pytest.raises(AhasdError, match="processing in memory"):
        simulate(system="npu-pim-sync", hardware="lpddr5", trace=TRACE)


@pytest.mark.parametrize("hardware", ["specpim-hbm", "specpim-gddr6"])
def test_the_specpim_mapping_is_that_of_exhaustive_search(hardware):
    """Without an AAU what an operator costs depends on its side alone, so every subset can be added up."""
    placed = build_machine(
        resolve(
            RunConfiguration.checked(
                system="specpim",
                hardware=hardware,
                pair="tiny-draft:tiny-target",
                trace=TRACE,
                tokens=64,
                algorithm="fixed:8",
            )
        )
    )
    context = placed.lengths.prompt + placed.lengths.generated // 2
    for steps, spec, width in (
        (placed.machine.target_steps, placed.models["target"], 9),
        (placed.machine.draft_steps, placed.models["draft"], 1),
    ):
        assert isinstance(steps, StepTable)
        device = steps.device
        assert isinstance(device, OperatorMapped)
        graph = forward_pass(spec, width, context, placed.precision)
        operators = graph.operators
        units = [[o for o in operators if o.on_cache]]
        units += [[o] for o in operators if not o.on_cache and o.kind is not OperatorKind.VECTOR]
        vectors = sum(device.host.operator_cost(o).cost.seconds for o in operators if o.vector_operations)
        vectors -= sum(device.host.operator_cost(o).cost.seconds for o in units[0] if o.vector_operations)
        launch_s = placed.hardware.require_gpu().graph_launch_us * 1e-6
        times = [
            (
                sum(device.host.operator_cost(o).cost.seconds for o in unit),
                sum(device.pim.operator_cost(o).cost.seconds + launch_s * o.launches for o in unit),
            )
            for unit in units
        ]
        totals = [
            vectors + sum(time[side] for time, side in zip(times, sides, strict=True))
            for sides in product((0, 1), repeat=len(units))
        ]
        assert device.cost(graph).seconds == pytest.approx(min(totals), rel=1e-12)


def specpim(*changes: str) -> PlacedMachine:
    configuration = RunConfiguration.checked(
        system="specpim",
        trace=TRACE,
        tokens=64,
        algorithm="fixed:8",
        hardware="specpim-gddr6",
        fidelity=Fidelity.FIRST_ORDER,
        set=changes,
    )
    return build_machine(resolve(configuration))


def test_specpim_checks_the_capacity_of_both_kinds_of_channel():
    """LLaMA2-7B -> 13B is 19.8 GB of INT8 weights."""
    small_pim = specpim("memory.rank_capacity_gib=0.05")
    small_gpu = specpim("gpu.memory_gib=15.5")  # 12.5 GiB hold the target with its cache, but for some of it
    for placed in (small_pim, small_gpu):
        held = {"host": 0, "pim": 0}
        for steps in (placed.machine.target_steps, placed.machine.draft_steps):
            assert isinstance(steps, StepTable)
            assert isinstance(steps.device, OperatorMapped)
            for operator in forward_pass(steps.spec, 1, 0, placed.precision).operators:
                held[steps.device.sides[operator.name]] += (
                    operator.weight_bytes if operator.kind is OperatorKind.MATMUL else 0
                )
        memory = placed.hardware.require_memory()
        assert held["pim"] <= memory.ranks * memory.rank_capacity_bytes
        assert held["host"] <= placed.hardware.require_gpu().available_bytes
        assert held["pim"] > 0
    with pytest.raises(AhasdError, match="no mapping of operators fits"):
        specpim("memory.rank_capacity_gib=0.05", "gpu.memory_gib=15.5")


def test_saddle_is_not_a_system():
    with pytest.raises(UnknownNameError, match="saddle"):
        simulate(system="saddle", trace=TRACE)
