"""What host and PIM do together is told as the devices do it."""

import re

import pytest

from ahasd.hardware.channel.slowdown import ChannelSlowdown
from ahasd.hardware.dram.refresh import effective_memory
from ahasd.hardware.fidelity import Fidelity
from ahasd.hardware.mapping.map_operators import design_passes, in_memory
from ahasd.hardware.mapping.together import DesignPoint, build_together
from ahasd.hardware.preset.preset import load_preset
from ahasd.workload.operators import OperatorKind
from ahasd.workload.precision import Precision
from ahasd.workload.zoo import load_model

HARDWARE = load_preset("module-mac").hardware
MODELS = {"target": load_model("opt-6.7b"), "draft": load_model("opt-1.3b")}
POINT = DesignPoint(draft_length=3, context=200, entries=400)
PRECISION = Precision()


def together(models, shared):
    channel = ChannelSlowdown(effective_memory(HARDWARE).timing) if shared else None
    return build_together("npu+pim", HARDWARE, models, PRECISION, POINT, Fidelity.FIRST_ORDER, False, channel)


@pytest.mark.parametrize("names", [("target",), ("target", "draft")])
def test_a_split_says_how_much_of_the_weights_the_host_computes(names) -> None:
    models = {name: MODELS[name] for name in names}
    found = together(models, shared=True)
    passes = design_passes(models["target"], models.get("draft"), 3, 200, 400)
    said = [int(share) for share in re.findall(r"(\d+)% of", found.remark)]
    for name, design, share in zip(names, passes, said, strict=True):
        products = [o for o in design.operators(PRECISION) if o.kind is OperatorKind.MATMUL]
        of_host = sum(o.weight_bytes * found.devices[name].shares[o.name] for o in products)
        assert share == pytest.approx(100 * of_host / sum(o.weight_bytes for o in products), abs=0.5)
        assert f"{share}% of the {name}'s weights" in found.remark
    assert re.search(r"from \d ranks? of each channel$", found.remark)


@pytest.mark.parametrize("names", [("target",), ("target", "draft")])
def test_a_mapping_says_what_lies_in_memory(names) -> None:
    models = {name: MODELS[name] for name in names}
    found = together(models, shared=False)
    passes = design_passes(models["target"], models.get("draft"), 3, 200, 400)
    assert set(found.devices) == set(names)
    for name, design in zip(names, passes, strict=True):
        inside = in_memory(found.devices[name], design.operators(PRECISION))
        assert f"{name}: {', '.join(inside) or 'nothing'}" in found.remark


def test_it_says_what_it_was_designed_for() -> None:
    assert "decoding at context 200" in together({"target": MODELS["target"]}, shared=False).remark
    assert "3" in together(MODELS, shared=False).remark
