"""What does not fit into a GPU baseline."""

from statistics import fmean
from typing import Any

from ahasd.claims.ahasd.condition import AhasdCondition
from ahasd.claims.ahasd.roles import on_gpu
from ahasd.claims.claim import Claim
from ahasd.claims.measuring.measure import Ratio
from ahasd.errors import AhasdError
from ahasd.speculation.configuration import RunConfiguration, resolve
from ahasd.speculation.run import build_machine
from ahasd.workload.passes import layer_matrix_bytes


def offloaded_gigabytes(claim: Claim[Any], condition: AhasdCondition, tokens: int) -> float | None:
    """10^9 bytes of weights that the GPU copies in for a pass, both models, mean over the pairs of a claim.

    The longer the text, the more room its caches take.

    Returns
    -------
    float or None
        None where a pair cannot run at all.
    """
    assert isinstance(claim.measurement, Ratio), claim.name
    try:
        return fmean(
            _of_pair(pair, condition, tokens)
            for pair in dict.fromkeys(pair for pair, _ in claim.measurement.cells)
        )
    except AhasdError:
        return None  # a point without a place on the axis; its verdict says why


def _of_pair(pair: str, condition: AhasdCondition, tokens: int) -> float:
    asked = on_gpu(condition, pair, "fixed:4")
    machine = build_machine(resolve(RunConfiguration.checked(**asked, tokens=tokens)))
    specs = machine.models
    layers = ((machine.offloaded[model], spec) for model, spec in specs.items())
    return sum(count * layer_matrix_bytes(spec, machine.precision) for count, spec in layers) / 1e9
