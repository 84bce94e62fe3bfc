"""The four readings of the paper's platform table, against the arithmetic of the facts about them."""

import pytest

from ahasd.assignments import assign
from ahasd.hardware.pim.pim import Pim
from ahasd.hardware.placement.placement import RankSet
from ahasd.hardware.preset.preset import load_preset
from ahasd.workload.operators import OperatorKind
from ahasd.workload.passes import forward_pass
from ahasd.workload.precision import Precision
from ahasd.workload.zoo import load_model

# Underated first-order figures, in milliseconds: weights of 7B as a draft token, of 13B as a token on the PIM
# alone, with 16 ranks and caps taken as reached.
READINGS = {
    "module-op": (132, 254),
    "module-mac": (66, 127),
    "rank-compute": (26, 51),
    "rank-both": (8, 16),
}


@pytest.mark.parametrize(("reading", "expected"), READINGS.items())
def test_weights_take_the_time_that_the_reading_implies(reading: str, expected: tuple[int, int]) -> None:
    hardware = assign(load_preset(reading).hardware, "pim.bandwidth_efficiency", "1.0")
    hardware = assign(hardware, "pim.power_cap_w", "1000")
    pim = Pim(hardware, RankSet(4, 0, 4), aau=True)
    for model, milliseconds in zip(("llama2-7b", "llama2-13b"), expected, strict=True):
        products = [
            operator
            for operator in forward_pass(load_model(model), 1, 0, Precision()).operators
            if operator.kind is OperatorKind.MATMUL
        ]
        seconds = sum(max(c.compute_seconds, c.memory_seconds) for c in map(pim.operator_cost, products))
        assert seconds * 1e3 == pytest.approx(milliseconds, rel=0.05)


def test_only_bandwidth_and_compute_differ_between_readings() -> None:
    documents = [load_preset(name).hardware.model_dump() for name in READINGS]
    for document in documents:
        for key in ("gmac_per_second", "gb_per_second"):
            document["pim"].pop(key)
        document.pop("name")
        document.pop("description")
    assert all(document == documents[0] for document in documents)
