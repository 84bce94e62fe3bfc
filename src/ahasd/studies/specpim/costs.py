"""What a machine takes for the units of a round, on each kind and number of channels: the devices' own costs."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from ahasd.hardware.build_devices import build_gpu
from ahasd.hardware.components import components_of
from ahasd.hardware.energy import bits_j
from ahasd.hardware.mapping.best_mapping import Side
from ahasd.hardware.mapping.mapped_device import OperatorMapped
from ahasd.hardware.placement.placement import RankSet
from ahasd.hardware.preset.hardware import Hardware
from ahasd.studies.specpim.dataflow import QUARTERS, Gene, Placed, UnitCost, excess_bytes, stratum_seconds
from ahasd.studies.specpim.division import DividedPim, Division
from ahasd.studies.specpim.scenario import GENERATED, Scenario
from ahasd.studies.specpim.work import PRECISION, Unit, work_of

#: How the host is costed: as kernels of PyTorch were measured, or as a roofline of which it reaches 70 %, without
#: launches (the artefact of SpecPIM's first author).
HostModel = Literal["measured", "roofline"]
_UTILISATION = 0.7


@dataclass(frozen=True, slots=True)
class Figures:
    """A dataflow on a machine.

    Attributes
    ----------
    seconds_per_token, joules_per_token
        Of all texts together.
    excess_bytes
        What does not fit; where that is more than 0, the others are those of a machine that does not exist.
    """

    seconds_per_token: float
    joules_per_token: float
    excess_bytes: float = 0.0

    @property
    def fits(self) -> bool:
        """Whether both kinds of channel hold what is mapped to them."""
        return not self.excess_bytes


class Costs:
    """Costs of a round of a scenario on a machine.

    Life cycle: made for a machine and a scenario, then asked for dataflows in any order; costs of single units are
    kept. Draft and target take turns, operator by operator, as AHASD's evaluation has SpecPIM.

    Parameters
    ----------
    hardware
        The machine; without a ``pim`` section all runs on the host.
    scenario
        What is decoded.
    host
        See :data:`HostModel`.
    drafts
        Whether a draft is used; else the target decodes alone.
    """

    def __init__(
        self, hardware: Hardware, scenario: Scenario, host: HostModel = "measured", drafts: bool = True
    ) -> None:
        self.scenario, self.work = scenario, work_of(scenario, drafts)
        self._hardware = _with_host(hardware, host)
        self._tokens = scenario.batch * (scenario.tokens_per_round if drafts else 1.0)
        self._devices: dict[tuple[int, Division], OperatorMapped] = {}
        self._known: dict[tuple[int, Side, int, Division | None], UnitCost] = {}
        gpu, memory = self._hardware.require_gpu(), self._hardware.memory
        self._launch_s = (gpu.graph_launch_us if gpu.graphs else gpu.launch_us) * 1e-6
        self._host_bytes = gpu.available_bytes - self.work.fixed_bytes
        self._pim_bytes = memory.ranks * memory.rank_capacity_bytes if memory is not None else 0
        self._rest_w = sum(
            part.watts(self._hardware) for part in components_of(self._hardware) if part.watts is not None
        )
        whole = build_gpu(self._hardware, "gpu", PRECISION)
        fixed = [(whole.operator_cost(operator).cost, times) for operator, times in self.work.fixed]
        self._fixed_s = sum(times * cost.seconds for cost, times in fixed)
        self._fixed_j = sum(times * cost.joules for cost, times in fixed)

    def figures(self, genes: list[Gene]) -> Figures:
        """Figures of a dataflow, a gene for each unit."""
        units = self.work.units
        placed = [Placed(gene, self.unit(place, gene)) for place, gene in enumerate(genes)]
        seconds, stratum = self._fixed_s, placed[:1]
        for unit, one in zip(units[1:], placed[1:], strict=True):
            if unit.may_join and one.gene.joined:
                stratum.append(one)
                continue
            seconds += stratum_seconds(stratum)
            stratum = [one]
        seconds += stratum_seconds(stratum)
        joules = self._fixed_j + sum(one.cost.joules for one in placed)
        copied = sum(u.prompt_bytes for u, gene in zip(units, genes, strict=True) if gene.side is Side.PIM)
        per_token_s, per_token_j = self._copying(copied)
        seconds_per_token = seconds / self._tokens + per_token_s
        return Figures(
            seconds_per_token,
            joules / self._tokens + per_token_j + self._rest_w * seconds_per_token,
            self._excess(genes),
        )

    def unit(self, place: int, gene: Gene) -> UnitCost:
        """Cost of a unit where a gene puts it."""
        # Which of the channels it is does not matter for the cost, and how a product in memory lies not to the host.
        key = (place, gene.side, gene.window.size, None if gene.side is Side.HOST else gene.division)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._cost(self.work.units[place], gene)
        return found

    def _cost(self, unit: Unit, gene: Gene) -> UnitCost:
        size, times = gene.window.size, unit.times
        if gene.side is Side.HOST:
            whole, part = (
                [
                    build_gpu(_narrowed(self._hardware, share), "gpu", PRECISION).operator_cost(o)
                    for o in unit.operators
                ]
                for share in (QUARTERS, size)
            )
            # Fewer channels move the same bytes for the same arithmetic: no more energy.
            return UnitCost(
                times * sum(cost.cost.seconds for cost in part),
                times * sum(cost.cost.joules for cost in whole),
                times * sum(cost.compute_seconds for cost in part),
            )
        device = self._in_memory(size, gene.division)
        costs = [device.on_side(operator, Side.PIM).cost for operator in unit.operators]
        return UnitCost(times * sum(c.seconds for c in costs), times * sum(c.joules for c in costs))

    def _in_memory(self, size: int, division: Division) -> OperatorMapped:
        key = (size, division)
        if key not in self._devices:
            memory = self._hardware.require_memory()
            ranks = RankSet(memory.channels * size // QUARTERS, 0, memory.ranks_per_channel)
            pim = DividedPim(self._hardware, ranks, PRECISION, division)
            host = build_gpu(self._hardware, "gpu", PRECISION)
            self._devices[key] = OperatorMapped(host, pim, {}, self._hardware, self._launch_s)
        return self._devices[key]

    def _copying(self, byte_count: float) -> tuple[float, float]:
        """The prompt's keys and values go from the host, which reads prompts, to the channels that compute, once."""
        if not byte_count:
            return 0.0, 0.0
        hardware, tokens = self._hardware, GENERATED * self.scenario.batch
        memory = hardware.require_memory()
        rate = memory.channels * memory.channel_bytes_per_second
        energy = bits_j(byte_count, hardware.require_energy().offchip_pj_per_bit)
        return byte_count / rate / tokens, energy / tokens

    def _excess(self, genes: list[Gene]) -> float:
        kept = list(zip(self.work.units, genes, strict=True))
        return sum(
            excess_bytes(
                ((gene.window, unit.bytes) for unit, gene in kept if gene.side is side), max(0.0, capacity)
            )
            for side, capacity in ((Side.HOST, self._host_bytes), (Side.PIM, self._pim_bytes))
        ) + max(0.0, -self._host_bytes)


@lru_cache(maxsize=4096)
def _narrowed(hardware: Hardware, quarters: int) -> Hardware:
    """The host with a part of its channels."""
    gpu = hardware.require_gpu()
    rate = gpu.gb_per_second * quarters / QUARTERS
    return hardware.model_copy(update={"gpu": gpu.model_copy(update={"gb_per_second": rate})})


@lru_cache(maxsize=4096)
def _with_host(hardware: Hardware, host: HostModel) -> Hardware:
    if host == "measured":
        return hardware
    changed = {
        "backend": "ideal-tensor-cores",
        "gemm_efficiency": _UTILISATION,
        "bandwidth_efficiency": _UTILISATION,
        "graph_launch_us": 0.0,
    }
    gpu = hardware.require_gpu().model_copy(update=changed)
    return hardware.model_copy(update={"gpu": gpu})
