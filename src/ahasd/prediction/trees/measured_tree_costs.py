"""Costs of rounds with trees from passes that were timed on this machine."""

from dataclasses import dataclass

from ahasd.decoding.trees.pass_costs import PassCosts
from ahasd.hardware.cost import StepCost


@dataclass(frozen=True, slots=True)
class MeasuredTreeCosts:
    """What `ahasd.speculation.trees.simulated.decoding.TreeDecoding` asks for.

    Parameters
    ----------
    passes
        Of the target, by width.
    name
        What timelines call this machine.
    """

    passes: PassCosts
    name: str = "here"

    def guess(self, texts: int, levels: int) -> StepCost:
        """Seconds of a guess of so many levels."""
        return StepCost(seconds=self.passes.guess(levels, texts))

    def verify(self, texts: int, nodes: int, context: int, chain: bool) -> StepCost:
        """Seconds of a pass of that width, filled up where that is cheaper."""
        width = texts * (nodes + 1)
        return StepCost(seconds=self.passes.seconds(self.passes.padded(width) if nodes else width))

    def verify_pruned(
        self, texts: int, nodes: int, kept: int, layer: int, context: int, chain: bool
    ) -> StepCost:
        """Refuse it: in the runtime no node leaves a pass early, so nothing was measured of that.

        Raises
        ------
        ValueError
            Always.
        """
        raise ValueError(
            "no node leaves a pass of the runtime early; pruning is simulated on models of devices"
        )
