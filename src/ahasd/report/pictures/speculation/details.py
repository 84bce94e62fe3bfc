"""What the figures of a run of speculative decoding need beside its results."""

import numpy as np

from ahasd.report.pictures.columns import Columns
from ahasd.speculation.place import PlacedMachine
from ahasd.speculation.schedule import SpeculationOutcome
from ahasd.speculation.step_breakdown import break_down
from ahasd.speculation.trees.simulated.verified import VerifiedTrees
from ahasd.traces.rollout.rollout import RolloutTrace

#: Nodes of trees that are kept: more than any figure draws (ours).
MOST_NODES = 256

#: Bins of entropy, with as many tokens in each (ours).
BINS = 16


def operator_columns(placed: PlacedMachine, outcome: SpeculationOutcome) -> Columns:
    """A row for each operator of each kind of step but prefill; bytes are those that its device moves."""
    rows = [
        (
            step.step,
            step.device,
            one.operator.name,
            str(one.bound),
            one.cost.seconds,
            one.compute_seconds,
            one.memory_seconds + one.bus_seconds,
            one.cost.macs,
            one.cost.bus_bytes + one.cost.array_bytes,
        )
        for step in break_down(placed, outcome).steps
        for one in step.operators
    ]
    names = ("step", "device", "operator", "bound", "seconds", "compute_s", "memory_s", "macs", "bytes")
    return Columns.of(names, rows)


def tree_columns(verified: VerifiedTrees) -> dict[str, Columns]:
    """How many trees had how many nodes, and the nodes that stood in most trees."""
    nodes = list(verified.nodes().items())[:MOST_NODES]
    return {
        "tree_sizes": Columns.of(("nodes", "trees"), verified.sizes().items()),
        "tree_nodes": Columns.of(
            ("path", "trees", "accepted"),
            [(".".join(map(str, path)), count.trees, count.accepted) for path, count in nodes],
        ),
    }


def entropy_columns(trace: RolloutTrace) -> Columns:
    """Of the first drafted token at each position: its mean acceptance, by the entropy of the draft.

    Later tokens stand on a path that may have left the text.
    """
    entropy = trace.entropy[:, 0].astype(np.float64)
    accepted = trace.acceptance_probability[:, 0].astype(np.float64)
    order = np.argsort(entropy, kind="stable")
    rows = []
    for part in np.array_split(order, min(BINS, len(order))):
        chosen = accepted[part]
        # 95 % of a mean of so many; positions of one text are not independent, so it is rather more.
        half = 1.96 * float(chosen.std()) / len(part) ** 0.5
        mean = float(chosen.mean())
        rows.append(
            (float(entropy[part].mean()), mean, max(0.0, mean - half), min(1.0, mean + half), len(part))
        )
    return Columns.of(("entropy_nats", "acceptance", "low", "high", "tokens"), rows)
