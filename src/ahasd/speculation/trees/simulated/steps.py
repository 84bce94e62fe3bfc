"""What the steps of decoding with trees cost: guessing, verifying, and verifying with nodes leaving on the way."""

from dataclasses import dataclass, field

from ahasd.hardware.cost import StepCost
from ahasd.hardware.device import Device
from ahasd.hardware.step_table import StepTable
from ahasd.workload.batched_pass import Layers, batched_pass
from ahasd.workload.graph import OperatorGraph
from ahasd.workload.guess_heads import EARLY_HEAD, GuessHeads
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.precision import Precision


class TreeTable(StepTable):
    """Costs of passes over trees, or of their part in some of the layers.

    Parameters
    ----------
    device, spec, precision, texts
        As for `StepTable`.
    masked
        Whether new tokens attend to each other by a mask, which a chain does not need.
    layers
        Which; all if not given.
    """

    def __init__(
        self,
        device: Device,
        spec: ModelSpec,
        precision: Precision,
        texts: int,
        masked: bool,
        layers: Layers | None = None,
    ) -> None:
        super().__init__(device, spec, precision, texts)
        self._masked, self._layers = masked, layers

    def graph(self, width: int, context: int) -> OperatorGraph:
        """Return what such a pass runs."""
        return batched_pass(self.spec, self.texts, width, context, self.precision, self._masked, self._layers)


@dataclass(frozen=True, eq=False)
class TreeSteps:
    """The steps of a target with heads on a device, for any number of texts.

    Each cost is that of a round's step for all texts together, of which each has as many nodes in its tree: shorter
    trees are padded.

    Parameters
    ----------
    device, spec, precision
        What runs what.
    heads
        That guess.
    """

    device: Device
    spec: ModelSpec
    precision: Precision
    heads: GuessHeads
    _tables: dict[tuple[int, bool, Layers | None], TreeTable] = field(default_factory=dict)
    _guesses: dict[int, StepCost] = field(default_factory=dict)
    _early: dict[int, StepCost] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The device, as timelines show it."""
        return self.device.name

    def guess(self, texts: int, levels: int = 1) -> StepCost:
        """Cost of all heads for the last accepted token of each text; they guess all levels at once."""
        if texts not in self._guesses:
            self._guesses[texts] = self.device.cost(self.heads.operators(self.spec, texts, self.precision))
        return self._guesses[texts]

    def verify(self, texts: int, nodes: int, context: int, chain: bool) -> StepCost:
        """Cost of passing the root and so many nodes of each text when `context` entries are in its cache."""
        return self._table(texts, not chain).cost(nodes + 1, context)

    def verify_pruned(
        self, texts: int, nodes: int, kept: int, layer: int, context: int, chain: bool
    ) -> StepCost:
        """Cost of the same pass where after `layer` layers a head chooses which nodes go on."""
        before = self._table(texts, not chain, Layers(0, layer)).cost(nodes + 1, context)
        after = self._table(texts, not chain, Layers(layer, self.spec.layers)).cost(kept + 1, context)
        return before + self._early_head(texts * (nodes + 1)) + after

    def round_seconds(self, texts: int, nodes: int, context: int, chain: bool = False) -> float:
        """Seconds of a round without pruning: the heads, where there is a tree, and the pass."""
        seconds = self._table(texts, not chain and nodes > 0).seconds(nodes + 1, context)
        return seconds + (self.guess(texts).seconds if nodes else 0.0)

    def _early_head(self, rows: int) -> StepCost:
        if rows not in self._early:
            self._early[rows] = self.device.cost(EARLY_HEAD.operators(self.spec, rows, self.precision))
        return self._early[rows]

    def _table(self, texts: int, masked: bool, layers: Layers | None = None) -> TreeTable:
        key = texts, masked, layers
        if key not in self._tables:
            self._tables[key] = TreeTable(self.device, self.spec, self.precision, texts, masked, layers)
        return self._tables[key]
