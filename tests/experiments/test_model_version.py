"""What runs come to is that of the version of the models, or rows of the store would be mixed with other results."""

import hashlib
import json
from typing import Any

from ahasd.experiments.grid import run_grid
from ahasd.experiments.model_version import MODEL_VERSION
from ahasd.speculation.configuration import RunConfiguration
from ahasd.studies.control.sweeps import sweep_point
from ahasd.studies.parts import compute

TRACE = "synthetic:acceptance=0.8,auc=0.7,positions=400,prompts=8"
SMALL, LARGE = "opt-1.3b:opt-6.7b", "palm-like-8b:palm-like-30b"

#: A short run of each kind of system, devices, and options.
PANEL: dict[str, dict[str, Any]] = {
    "ahasd": {"system": "ahasd"},
    "rank-both": {"system": "ahasd", "hardware": "rank-both", "algorithm": "svip:calibrated"},
    "first-order": {"system": "ahasd", "fidelity": "first-order"},
    "npu": {"system": "npu", "algorithm": "fixed:4"},
    "shipped trace": {"system": "npu", "trace": "tiny-distilled-sampled", "coins": "recorded"},
    "alone": {"system": "pim-autoregressive", "algorithm": "none"},
    "plus": {"system": "ahasd-plus", "algorithm": "specdecpp"},
    "pearl": {"system": "pearl"},
    "split": {"system": "npu-pim-split"},
    "gpu": {"system": "gpu", "weight_bits": 4},
    "offloading": {"system": "gpu", "pair": LARGE, "weight_bits": 8},
    "specpim": {"system": "specpim"},
    "changed": {"system": "ahasd", "set": ("npu.chips=2", "system.queues.unverified_drafts=4")},
}

DIGESTS = {
    "ahasd": "260452c82d6c",
    "rank-both": "e8e9b19ce44e",
    "first-order": "cc42cc94492d",
    "npu": "105b73fdcb27",
    "shipped trace": "7db694c03aa7",
    "alone": "4d9c3187780c",
    "plus": "84ddd36cc96f",
    "pearl": "f6c75b985302",
    "split": "bde6fde0cae7",
    "gpu": "a3226967e6ee",
    "offloading": "c8a7afd57a09",
    "specpim": "e8ff5b32f753",
    "changed": "42a09126c3d1",
    "study": "7596c0ace5ca",
}


def digest(document: Any) -> str:
    """Of what the store keeps, numbers to nine digits, as libraries differ in the last ones."""

    def rounded(value: Any) -> Any:
        if isinstance(value, float):
            return f"{value:.9g}"
        if isinstance(value, dict):
            return {key: rounded(one) for key, one in value.items()}
        return [rounded(one) for one in value] if isinstance(value, list) else value

    return hashlib.sha256(json.dumps(rounded(document), sort_keys=True).encode()).hexdigest()[:12]


def test_results_are_those_of_the_model_version() -> None:
    common = {"pair": SMALL, "trace": TRACE, "tokens": 24}
    cells = run_grid([RunConfiguration.checked(**common | asked) for asked in PANEL.values()], [0])
    found = {
        name: digest(cell.refused or cell.results[0].model_dump(mode="json"))
        for name, cell in zip(PANEL, cells, strict=True)
    }
    found["study"] = digest(json.loads(compute(sweep_point, ("auc", 0.7, 16, 1)).document))
    moved = [name for name, value in found.items() if DIGESTS.get(name) != value]
    assert not moved, (
        f"the results of {', '.join(moved)} have changed: raise MODEL_VERSION, now {MODEL_VERSION}, in "
        f"ahasd/experiments/model_version.py, so that stores forget the old ones, and put here DIGESTS = {found}"
    )
