"""Which mapping is best: a map over acceptance, pair and bits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from ahasd.experiments.carry_out import Running
from ahasd.experiments.look_up import LookUp
from ahasd.experiments.store.row import Row
from ahasd.experiments.sweep.axis import Axis
from ahasd.experiments.sweep.definition import Sweep
from ahasd.experiments.sweep.run_sweep import plan_points, run_sweep
from ahasd.family.verdict import EQUAL
from ahasd.traces.tree.published import WITHIN

#: Where the two models run -> the systems that stand for it.
MAPPINGS: Mapping[str, tuple[str, ...]] = {
    "split": ("npu-pim-async+aau", "ahasd"),
    "PIM, with draft": ("pim-only",),
    "PIM alone": ("pim-autoregressive",),
    "NPU, with draft": ("npu",),
    "NPU alone": ("npu-autoregressive",),
    "tree": ("tree-table", "propd"),
}

#: Those of them without a draft model: heads on the target guess.
TREES = MAPPINGS["tree"]

#: How often heads are right: Medusa's for a 7B model, the first candidate of the first head as often as the
#: acceptance, and all others in proportion, none more often than always (ours).
HEADS = "medusa-7b"

#: Per-token acceptance of synthetic traces; pairs from small to large; bits of weights.
ACCEPTANCES = (0.5, 0.7, 0.9)
PAIRS = ("qwen2.5-0.5b:qwen2.5-7b", "llama-3.2-1b:llama-3.1-8b", "llama2-7b:llama2-13b")
BITS = (4, 8)

#: How well entropy tells acceptance in these traces: about as in real pairs' (docs/real-pair.md).
AUC = 0.7

ALGORITHM = "fixed:4"


@dataclass(frozen=True, slots=True)
class Place:
    """The best mapping at one place of the map; None for the name where nothing runs.

    Attributes
    ----------
    lead
        Its figure over that of the best other mapping; 1 where there is no other.
    close
        Whether that is within a hundredth, so that the choice matters not.
    """

    pair: str
    bits: int
    acceptance: float
    best: str | None
    lead: float

    @property
    def close(self) -> bool:
        """Whether another mapping is as good."""
        return self.lead < 1.0 / (1.0 - EQUAL)


@dataclass(frozen=True, slots=True)
class Maps:
    """The best mapping by tokens per second, and by tokens per joule."""

    by_speed: Sequence[Place]
    by_energy: Sequence[Place]


def mapping_sweep(
    base: Mapping[str, Any], pairs: Sequence[str], bits: Sequence[int], acceptances: Sequence[float]
) -> Sweep:
    """Every mapping at every place of the map, on one machine."""
    systems = [system for of in MAPPINGS.values() for system in of]
    axes = [Axis("pair", tuple(pairs)), Axis("weight_bits", tuple(bits))]
    listed = [
        {"system": system, "trace": trace_of(acceptance, system)}
        for system in systems
        for acceptance in acceptances
    ]
    return Sweep({**base, "algorithm": ALGORITHM}, axes, listed, name="phone-mapping")


def trace_of(acceptance: float, system: str) -> str:
    """The synthetic trace of an acceptance: of a draft model's tokens, or of heads' guesses."""
    if system not in TREES:
        return f"synthetic:acceptance={acceptance},auc={AUC}"
    scale = acceptance / WITHIN[HEADS][0][0]
    heads = "/".join(
        ":".join(f"{min(1.0, scale * share):.3f}" for share in of_head) for of_head in WITHIN[HEADS]
    )
    return f"synthetic-tree:heads={heads}"


def maps(
    base: Mapping[str, Any],
    running: Running,
    pairs: Sequence[str] = PAIRS,
    bits: Sequence[int] = BITS,
    acceptances: Sequence[float] = ACCEPTANCES,
) -> Maps:
    """Run the sweep and name the best mapping of each place.

    Parameters
    ----------
    base
        What all points have: the machine, the tokens.

    Raises
    ------
    AhasdError
        As of :func:`ahasd.experiments.sweep.run_sweep.run_sweep`.
    """
    sweep = mapping_sweep(base, pairs, bits, acceptances)
    rows = run_sweep(sweep, running)
    planned = plan_points(sweep, sweep.points, LookUp())
    found = {
        (point["pair"], point["weight_bits"], point["trace"], point["system"]): rows[key]
        for point, key in zip(planned.points, planned.keys, strict=True)
    }

    def place(pair: str, width: int, acceptance: float, figure: str) -> Place:
        figures = {
            name: _figure([found[pair, width, trace_of(acceptance, one), one] for one in of], figure)
            for name, of in MAPPINGS.items()
        }
        return _best(pair, width, acceptance, figures)

    def places(figure: str) -> list[Place]:
        return [place(*where, figure) for where in product(pairs, bits, acceptances)]

    return Maps(places("speed"), places("energy"))


def _figure(rows: Sequence[Row], figure: str) -> float | None:
    """Tokens per second, or per joule, of the best system of a mapping; None where none runs."""
    done = [row for row in rows if row.state == "done"]
    if figure == "speed":
        known = [row.tokens_per_second for row in done if row.tokens_per_second]
    else:
        known = [1.0 / row.joules_per_token for row in done if row.joules_per_token]
    return max(known, default=None)


def _best(pair: str, bits: int, acceptance: float, figures: Mapping[str, float | None]) -> Place:
    known = sorted(((value, name) for name, value in figures.items() if value is not None), reverse=True)
    if not known:
        return Place(pair, bits, acceptance, None, 1.0)
    (first, name), others = known[0], known[1:]
    return Place(pair, bits, acceptance, name, first / others[0][0] if others else 1.0)
