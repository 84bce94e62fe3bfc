"""The conditions that the papers leave possible, and combinations of them."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import product

from ahasd.claims.condition import Condition, Gpu
from ahasd.claims.measuring.energy_ranges import offchip_range
from ahasd.hardware.preset.default import DEFAULT_PRESET
from ahasd.rtl.synthesis.scaling import UTILISATION
from ahasd.systems.suites import READINGS

#: One way to change a condition.
Change = Callable[[Condition], Condition]


def saying(words: str, **changed: object) -> Change:
    """A change of fields, and what it is called."""

    def change(condition: Condition) -> Condition:
        said = ", ".join(filter(None, (condition.said, words)))
        return replace(condition, said=said, **changed)  # type: ignore[arg-type]  # fields of Condition

    return change


def same(condition: Condition) -> Condition:
    """No change."""
    return condition


def combinations(base: Condition, *axes: Iterable[Change]) -> tuple[Condition, ...]:
    """All combinations of one change from each axis, without the unchanged one; energy constants are fixed."""
    found = []
    for changes in product(*axes):
        condition = replace(base, energy_ranges=False)
        for change in changes:
            condition = change(condition)
        if condition.said:
            found.append(condition)
    return tuple(found)


#: The other readings of the platform table.
READING_AXIS: tuple[Change, ...] = (
    same,
    *(saying(f"PIM read as {name}", reading=name) for name in READINGS[1:]),
)

#: GPU baselines; offloaded layers are copied before their kernels unless said otherwise.
GPU_AXIS: tuple[Change, ...] = (
    same,
    saying("GPU copies layers beside its kernels", gpu=Gpu(set=("gpu.offload_overlap=true",))),
    saying("GPU in FP16", gpu=Gpu(bits=16)),
    saying("GPU an RTX 5090 Laptop", gpu=Gpu("rtx-5090-laptop")),
    saying("GPU an RTX 5090 Laptop in FP16", gpu=Gpu("rtx-5090-laptop", bits=16)),
)

#: Thresholds of the papers, whose drafts are short on the trace's entropies, or drafts of 4 tokens in the mean.
LENGTH_AXIS: tuple[Change, ...] = (same, saying("drafts calibrated to 4 tokens", algorithm=":calibrated=4"))

#: A better draft than the trace's: a synthetic trace that entropy predicts about as well (an AUC of 0.7).
HIGH_ACCEPTANCE_AXIS: tuple[Change, ...] = (
    same,
    saying("acceptance 0.95", trace="synthetic:acceptance=0.95,auc=0.7"),
)

#: All conflicts and latencies that can be switched off.
IDEAL = tuple(
    f"system.ideal_{name}=true"
    for name in (
        "rank_sharing",
        "bus_sharing",
        "command_bus",
        "refresh",
        "mode_switch",
        "gating",
        "vector_wait",
        "control_latency",
        "kv_entries",
        "power",
    )
)
IDEAL_AXIS: tuple[Change, ...] = (same, saying("no conflict costs anything", set=IDEAL))

#: What crosses the memory's bus, pJ/bit: the ends of the published values, which the presets give as their range.
OFFCHIP_AXIS: tuple[Change, ...] = (
    same,
    *(saying(f"{pj:g} pJ/bit off the chip", offchip_pj_per_bit=pj) for pj in offchip_range(DEFAULT_PRESET)),
)

#: What an acceptance rate counts: AHASD does not say whether drafts that were thrown away unread count.
COUNTING_AXIS: tuple[Change, ...] = (
    same,
    saying("acceptance counted over all drafted tokens", counting="drafted"),
)

#: Rules for areas beside the main one, and room for wires; AHASD names neither library nor utilisation.
SCALING_AXIS: tuple[Change, ...] = (
    same,
    saying("scaled with the square of the length", scaling="square of the length"),
    saying("scaled by published gate density", scaling="published gate density"),
)
PLACEMENT_AXIS: tuple[Change, ...] = (
    same,
    saying(f"placed at {UTILISATION:.0%} utilisation", utilisation=UTILISATION),
)

#: Which of the two rebuilt memories SpecPIM has.
MODULE_AXIS: tuple[Change, ...] = (same, saying("SpecPIM with GDDR6-PIM", memory="specpim-gddr6"))

#: Launches of eager Python instead of a bare kernel launch, and acceptance, of which AMUSD publishes neither.
LAUNCH_AXIS: tuple[Change, ...] = (
    same,
    saying("40 us a launch", gpu=Gpu("two-a100-40gb", 16, ("launch_us=40",))),
)
TWO_GPU_ACCEPTANCE_AXIS: tuple[Change, ...] = (
    same,
    *(
        saying(f"acceptance {level:g}", trace=f"synthetic:acceptance={level:g},auc=0.5")
        for level in (0.6, 0.7, 0.8, 0.9)
    ),
)
