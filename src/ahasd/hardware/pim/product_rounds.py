"""Rounds of a product in memory: their cycles, and what they ask of a channel that a stream shares."""

from dataclasses import replace
from functools import lru_cache
from math import ceil

from ahasd.hardware.channel.loads import product_loads
from ahasd.hardware.channel.slowdown import ChannelLoad
from ahasd.hardware.dram.organisation import ChannelOrganisation
from ahasd.hardware.dram.timing import DramTiming
from ahasd.hardware.pim.banked_product import BankedProduct
from ahasd.hardware.pim.commands import CycleBreakdown, PimGeometry, PimOptions, pim_command_model


@lru_cache(maxsize=65536)
def _played(
    timing: DramTiming, geometry: PimGeometry, options: PimOptions, outputs: int, inputs: int, tokens: int
) -> CycleBreakdown:
    """Cycles of a product; its shape repeats over layers, widths, contexts and operators."""
    return pim_command_model(timing, geometry, options).gemv_breakdown(outputs, inputs, tokens)


def _repeats(tokens: int, weight_reuse: int) -> tuple[int, int]:
    """Tokens of a product that is played, and how many more reads of the weights follow it."""
    if tokens <= 2 * weight_reuse:
        return tokens, 0
    few = weight_reuse + tokens % weight_reuse
    return few, (tokens - few) // weight_reuse


class ProductRounds:
    """Plays a round of a product, however many tokens it is for.

    Tokens beyond those that one read of the weights serves repeat the product, so of many tokens two repeats are
    played and the others are as long as the difference (refreshes then fall where they do on average).

    Parameters
    ----------
    timing, organisation
        The channels; the organisation of the rank from which a stream beside the commands comes.
    ranks
        Ranks of a channel that hold the model.
    apart
        Whether each of them has commands of its own; else they obey the same.
    """

    def __init__(
        self, timing: DramTiming, organisation: ChannelOrganisation, ranks: int, apart: bool
    ) -> None:
        self._timing, self._organisation = timing, organisation
        self._agents = ranks if apart else 1

    def cycles(self, product: BankedProduct, options: PimOptions, tokens: int) -> CycleBreakdown:
        """Cycles of a round in lockstep."""
        few, more = _repeats(tokens, options.weight_reuse)
        machine = (self._timing, product.geometry, options.played, product.outputs, product.inputs)
        parts = _played(*machine, few)
        return parts.extended(_played(*machine, few + options.weight_reuse), more) if more else parts

    def refresh_cycles(self, parts: CycleBreakdown) -> float:
        """What refresh adds on average: a product that begins anywhere between refreshes, not right after one.

        Each refresh stops the product for s cycles, so that of t quiet ones t s / (tREFI - s) are added.
        """
        timing, quiet = self._timing, parts.total - parts.refresh
        met = parts.total // timing.tREFI
        stop = parts.refresh / met if met and parts.refresh else timing.tRFC
        return quiet * stop / (timing.tREFI - stop)

    def load(
        self, product: BankedProduct, options: PimOptions, tokens: int, bursts: int
    ) -> tuple[ChannelLoad, float]:
        """What a round asks of a channel, and the seconds by which ranks with commands of their own take longer.

        Parameters
        ----------
        product, options, tokens
            What all ranks of the channel compute.
        bursts
            Read from all of them after it.
        """
        options = options.played
        together = self._load(product, options, tokens, bursts, 1)
        if self._agents == 1:
            return together, 0.0
        of_rank = replace(
            product,
            geometry=replace(product.geometry, ranks=1, lockstep_ranks=1),
            outputs=ceil(product.outputs / self._agents),
        )
        apart = self._load(of_rank, options, tokens, ceil(bursts / self._agents), self._agents)
        return apart, max(0.0, apart.seconds - together.seconds)

    def _load(
        self, product: BankedProduct, options: PimOptions, tokens: int, bursts: int, agents: int
    ) -> ChannelLoad:
        few, more = _repeats(tokens, options.weight_reuse)
        load, crossing = self._loads(product, options, few, bursts, agents)
        if more:
            longer, _ = self._loads(product, options, few + options.weight_reuse, bursts, agents)
            load = load + (longer + load * -1) * more
        return load + crossing

    def _loads(
        self, product: BankedProduct, options: PimOptions, tokens: int, bursts: int, agents: int
    ) -> tuple[ChannelLoad, ChannelLoad]:
        shape = (product.outputs, product.inputs, tokens)
        parts = _played(self._timing, product.geometry, options, *shape)
        return product_loads(
            self._timing,
            self._organisation,
            product.geometry,
            options,
            shape=shape,
            crossing_bursts=(bursts, 0),
            agents=agents,
            quiet_cycles=parts.total - parts.refresh,
        )
