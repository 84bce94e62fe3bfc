"""A host and a computing memory that share every product."""

from collections.abc import Mapping
from dataclasses import replace

from ahasd.errors import AhasdError
from ahasd.hardware.channel.slowdown import ChannelLoad, ChannelSlowdown
from ahasd.hardware.cost import OperatorCost
from ahasd.hardware.device import Device
from ahasd.workload.operators import Operator, OperatorKind


def split_operator(operator: Operator, host_share: float) -> tuple[Operator | None, Operator | None]:
    """Cut an operator in two: outputs of a product with weights, key-value heads of what works on the cache.

    Parameters
    ----------
    operator
        A product or an append.
    host_share
        Share of the outputs or heads that the first part gets, rounded to whole ones of each layer.

    Returns
    -------
    tuple
        The host's part and the PIM's, None for a part without anything. Work and bytes add up to the operator's, but
        for the input of a product with weights, which both parts need.
    """
    by_output = operator.kind is OperatorKind.MATMUL
    whole = operator.outputs if by_output else operator.instances // operator.launches
    first = round(host_share * whole)
    if first in (0, whole):
        return (operator, None) if first else (None, operator)
    return _part(operator, by_output, 0, first, whole), _part(operator, by_output, first, whole, whole)


def _part(operator: Operator, by_output: bool, start: int, end: int, whole: int) -> Operator:
    def cut(amount: int) -> int:
        return amount * end // whole - amount * start // whole

    return replace(
        operator,
        outputs=end - start if by_output else operator.outputs,
        instances=operator.instances if by_output else operator.launches * (end - start),
        macs=cut(operator.macs),
        weight_bytes=cut(operator.weight_bytes),
        kv_read_bytes=cut(operator.kv_read_bytes),
        kv_write_bytes=cut(operator.kv_write_bytes),
        input_bytes=operator.input_bytes if by_output else cut(operator.input_bytes),
        output_bytes=cut(operator.output_bytes),
    )


class BandwidthSplit(Device):
    """Host and PIM compute parts of every product at the same time; vector work is the host's.

    The parts lie in ranks of their own on every channel, since a rank serves the host or computes; what both need of
    a channel they share as in every other system (:class:`~ahasd.hardware.channel.slowdown.ChannelSlowdown`). A
    product ends when its later part does. Where the parts lie is fixed, so the shares are, whatever the width of the
    pass.

    Parameters
    ----------
    host
        Streams its parts of the weights and caches.
    pim
        Computes in the ranks that hold the others; without AAU, so that its sums join the host's outputs there.
    shares
        The host's share of each product and of the appends, by name.
    sharing
        The channels.
    """

    def __init__(
        self, host: Device, pim: Device, shares: Mapping[str, float], sharing: ChannelSlowdown
    ) -> None:
        self.name = f"{host.name}+{pim.name}"
        self.host, self.pim, self.shares, self._sharing = host, pim, dict(shares), sharing

    def operator_cost(self, operator: Operator) -> OperatorCost:
        """Cost of one operator; see the class.

        Raises
        ------
        AhasdError
            It is a product of another model than the one that was split.
        """
        share = 1.0
        if operator.kind.is_product or operator.kind is OperatorKind.APPEND:
            if operator.name not in self.shares:
                raise AhasdError(
                    f"{self.name} runs what it was split for, and {operator.name} is not part of that"
                )
            share = self.shares[operator.name]
        return self.at_share(operator, share)

    def at_share(self, operator: Operator, host_share: float) -> OperatorCost:
        """Cost of an operator at another share of the host."""
        of_host, of_pim = split_operator(operator, host_share)
        if of_pim is None:
            return _alone(self.host.operator_cost(operator), on_host=True)
        if of_host is None:
            return _alone(self.pim.operator_cost(operator), on_host=False)
        first, second = self.host.operator_cost(of_host), self.pim.operator_cost(of_pim)
        ends = self._sharing.finish_together(_load(first), [_load(second)])
        later = first if ends[0] >= ends[1] else second
        cost = replace(
            first.cost + second.cost,
            seconds=max(ends),
            host_seconds=first.cost.seconds,
            memory_compute_seconds=second.cost.seconds,
            macs=operator.macs,
        )
        return replace(later, operator=operator, cost=cost)


def _load(cost: OperatorCost) -> ChannelLoad:
    step = cost.cost
    return ChannelLoad(
        seconds=step.seconds,
        data_seconds=step.data_seconds,
        data_runs=step.data_runs,
        displaced_seconds=step.displaced_seconds,
    )


def _alone(found: OperatorCost, on_host: bool) -> OperatorCost:
    seconds = found.cost.seconds
    busy = replace(
        found.cost,
        host_seconds=seconds if on_host else 0.0,
        memory_compute_seconds=0.0 if on_host else seconds,
    )
    return replace(found, cost=busy)
