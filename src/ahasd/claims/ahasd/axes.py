"""The conditions that AHASD leaves possible, one axis each."""

from ahasd.claims.ahasd.condition import AhasdCondition, AreaCondition, Gpu
from ahasd.claims.condition_axes import Change, at_acceptance, same, saying
from ahasd.claims.measuring.energy_ranges import offchip_range
from ahasd.hardware.preset.default import DEFAULT_PRESET
from ahasd.rtl.synthesis.scaling import UTILISATION
from ahasd.speculation.options.system import AsynchronousSystem
from ahasd.systems.suites import READINGS

Axis = tuple[Change[AhasdCondition], ...]


def _saying(words: str, **changed: object) -> Change[AhasdCondition]:
    return saying(words, AhasdCondition, **changed)


#: The other readings of the platform table.
READING_AXIS: Axis = (same, *(_saying(f"PIM read as {name}", reading=name) for name in READINGS[1:]))

#: GPU baselines; offloaded layers are copied before their kernels unless said otherwise.
GPU_AXIS: Axis = (
    same,
    _saying("GPU copies layers beside its kernels", gpu=Gpu(set=("gpu.offload_overlap=true",))),
    _saying("GPU in FP16", gpu=Gpu(bits=16)),
    _saying("GPU an RTX 5090 Laptop", gpu=Gpu("rtx-5090-laptop")),
    _saying("GPU an RTX 5090 Laptop in FP16", gpu=Gpu("rtx-5090-laptop", bits=16)),
)

#: Thresholds of the papers, whose drafts are short on the trace's entropies, or drafts of 4 tokens in the mean.
LENGTH_AXIS: Axis = (same, _saying("drafts calibrated to 4 tokens", algorithm=":calibrated=4"))

#: A better draft than the trace's: a synthetic trace that entropy predicts about as well (an AUC of 0.7).
HIGH_ACCEPTANCE_AXIS: Axis = (same, lambda condition: at_acceptance(condition, 0.95, auc=0.7))

#: All conflicts and latencies that can be switched off.
IDEAL = tuple(f"system.{name}=true" for name in AsynchronousSystem.switches())
IDEAL_AXIS: Axis = (same, _saying("no conflict costs anything", set=IDEAL))

#: What crosses the memory's bus, pJ/bit: the ends of the published values, which the presets give as their range.
OFFCHIP_AXIS: Axis = (
    same,
    *(_saying(f"{pj:g} pJ/bit off the chip", offchip_pj_per_bit=pj) for pj in offchip_range(DEFAULT_PRESET)),
)

#: What an acceptance rate counts: AHASD does not say whether drafts that were thrown away unread count.
COUNTING_AXIS: Axis = (same, _saying("acceptance counted over all drafted tokens", counting="drafted"))

#: Which of the two rebuilt memories SpecPIM has.
MODULE_AXIS: Axis = (same, _saying("SpecPIM with GDDR6-PIM", specpim_memory="specpim-gddr6"))

#: Rules for areas beside the main one, and room for wires; AHASD names neither library nor utilisation.
SCALING_AXIS: tuple[Change[AreaCondition], ...] = (
    same,
    saying("scaled with the square of the length", AreaCondition, scaling="square of the length"),
    saying("scaled by published gate density", AreaCondition, scaling="published gate density"),
)
PLACEMENT_AXIS: tuple[Change[AreaCondition], ...] = (
    same,
    saying(f"placed at {UTILISATION:.0%} utilisation", AreaCondition, utilisation=UTILISATION),
)
