"""A system on its hardware with a pair of models: where they lie and what their steps cost."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from types import MappingProxyType

from ahasd.hardware.build_devices import build_gpu, build_npu, build_pim
from ahasd.hardware.channel.slowdown import ChannelSlowdown
from ahasd.hardware.cost import StepCost
from ahasd.hardware.device import Device
from ahasd.hardware.dram.refresh import effective_memory
from ahasd.hardware.fidelity import Fidelity
from ahasd.hardware.mapping.together import DesignPoint, Together, build_together
from ahasd.hardware.placement.device_kinds import DEVICES, DeviceName, parts, require_device
from ahasd.hardware.placement.placement import Placement
from ahasd.hardware.placement.placing import RankOptions, Resting, offload, place_on_ranks
from ahasd.hardware.placement.prefill import PromptReader, prefill_cost
from ahasd.hardware.preset.ideal import idealised
from ahasd.hardware.preset.preset import Hardware
from ahasd.hardware.step_table import StepTable
from ahasd.simulation.engine import to_picoseconds
from ahasd.speculation.machine import Clocks, Conflicts, Lengths, Machine, Messages
from ahasd.speculation.options.system import AnySystem, AsynchronousSystem, TreeSystem
from ahasd.speculation.pass_times import check_pass_times
from ahasd.speculation.runs_here import require_device_of
from ahasd.speculation.trees.simulated.steps import TreeSteps
from ahasd.workload.guess_heads import GuessHeads
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.pair import ModelPair
from ahasd.workload.precision import Precision

#: Tables of step costs that are kept: those of all systems of a comparison with one pair (ours).
TABLES = 24


@dataclass(frozen=True)
class PlacedMachine:
    """A pair of models placed in the memories of a machine, its steps costed by the device models.

    Attributes
    ----------
    system
        Which device does what.
    hardware
        The constants, as the system's ideal options leave them.
    models
        ``target`` and, where there is one, ``draft``.
    precision, lengths, fidelity
        Bits of the models, tokens that their caches hold, and which device models.
    placement
        Which ranks hold which model.
    offloaded
        Layers of ``target`` and ``draft`` that a GPU copies in for every pass.
    together
        What host and PIM do together, in systems where they do.
    own
        Cost models of a user's own, in the place of those of these devices.
    """

    system: AnySystem
    hardware: Hardware
    models: Mapping[str, ModelSpec]
    precision: Precision
    lengths: Lengths
    fidelity: Fidelity
    placement: Placement
    offloaded: Mapping[str, int]
    together: Together | None
    own: Mapping[DeviceName, Device] = field(default_factory=dict)

    @cached_property
    def machine(self) -> Machine:
        """What a schedule sees of all this."""
        return Machine(
            self.lengths,
            self._steps("target"),
            self._steps("draft") if "draft" in self.models else None,
            self._preverify_steps(),
            self._conflicts(),
            messages_of(self.hardware),
            _clocks(self.hardware),
            self.models["target"].layers,
        )

    @property
    def trees(self) -> TreeSteps:
        """What the steps of a system with trees cost."""
        device = self._device(self.system.target_device, "target")
        heads = heads_of(self.system, self.lengths.heads)
        assert heads is not None, "a system with trees has heads"
        return tree_steps(device, self.models["target"], self.precision, heads)

    @cached_property
    def prefill(self) -> StepCost:
        """Cost of reading the prompt but its last token into the caches, both models in turn, and text by text.

        The prompt's last token is fed by the first decoding pass, which needs its logits.
        """
        tokens = self.lengths.prompt - 1
        readers = self.readers * self.lengths.texts
        return prefill_cost(readers, tokens, self.precision, self.hardware, self.system.prefill_layout)

    @property
    def readers(self) -> list[PromptReader]:
        """The models in the order in which they read the prompt, each with the device that does it."""
        return [self._reader(model) for model in self.models]

    @property
    def same_ranks(self) -> bool:
        """Whether the draft computes in ranks that also hold the target."""
        target, draft = self.placement.target, self.placement.draft
        return target is not None and draft is not None and draft.overlaps(target)

    def channel(self, **changes: bool) -> ChannelSlowdown:
        """How both sides share the channels, with the system's ideal options or with others."""
        ideal = {name: getattr(self.system, name) for name in ("ideal_bus_sharing", "ideal_command_bus")}
        return build_channel(self.hardware, **ideal | changes)

    def _device(self, name: DeviceName, model: str) -> Device:
        """The device that runs a model, in the ranks and with the layers that the placement says."""
        if name in self.own:
            return self.own[name]
        if self.together is not None and "+" in name:
            return self.together.devices[model]
        if DEVICES[name].memory != "module":
            share = self.offloaded[model] / self.models[model].layers
            return build_gpu(self.hardware, name, self.precision, share)
        ranks = self.placement.of(model)
        assert ranks is not None, f"the {model} is on the module"
        if name == "pim":
            return build_pim(self.hardware, ranks, self.system.aau, self.precision, self.fidelity)
        return build_npu(self.hardware, ranks.channels, self.precision, self.fidelity)

    def _steps(self, model: str) -> StepTable:
        device = self._device(self.system.devices[model], model)
        return step_table(device, self.models[model], self.precision, self.lengths.texts)

    def _preverify_steps(self) -> StepTable | None:
        system, ranks = self.system, self.placement.target
        if not isinstance(system, AsynchronousSystem) or not system.tvc:
            return None
        assert ranks is not None, "the target lies where it is pre-verified"
        built = build_pim(self.hardware, ranks, system.aau, self.precision, self.fidelity)
        pim = self.own.get("pim", built)
        return step_table(pim, self.models["target"], self.precision)

    def _conflicts(self) -> Conflicts:
        system = self.system
        ideal = system.ideal_options
        shares = system.shares_memory and self.hardware.memory is not None
        return Conflicts(
            self.channel() if shares else None,
            takes_turns=self.same_ranks and "ideal_rank_sharing" not in ideal,
            stops_stream="ideal_rank_sharing" not in ideal,
            borrows_vector_unit=system.devices.get("draft") == "pim" and not system.aau,
            waits_for_vector_unit="ideal_vector_wait" not in ideal,
            needs_entries="ideal_kv_entries" not in ideal,
        )

    def _reader(self, model: str) -> PromptReader:
        """A model whose decoding computes in memory, or that is pre-verified there, lies as the PIM wants it."""
        decoder = self.system.devices[model]
        in_memory = DEVICES[decoder].in_memory
        preverified = model == "target" and self.machine.preverify_steps is not None
        device = decoder
        if in_memory and self.system.prefill == "npu":
            device = parts(decoder)[0] if "+" in decoder else "npu"
            require_device(self.hardware, device)
        return PromptReader(self.models[model], self._device(device, model), in_memory or preverified)


def place(
    system: AnySystem,
    hardware: Hardware,
    pair: ModelPair,
    precision: Precision,
    lengths: Lengths,
    fidelity: Fidelity = Fidelity.DETAILED,
    own: Mapping[DeviceName, Device] = MappingProxyType({}),
) -> PlacedMachine:
    """Place a pair of models in the memories of a machine.

    Parameters
    ----------
    own
        Cost models in the place of those of the hardware, which still says what fits where.

    Raises
    ------
    AhasdError
        The models do not fit, or the hardware lacks a device.
    """
    hardware = idealised(hardware, system.ideal_options)
    for device in system.devices.values():
        require_device_of(system, hardware, device)
    models = {model: _laid_out(getattr(pair, model), model, system) for model in system.devices}
    check_pass_times(system.devices, models, hardware, precision)
    heads = heads_of(system, lengths.heads)
    heads_bytes = 0 if heads is None else heads.weight_bytes(models["target"], precision)
    resting = {
        model: Resting(spec, lengths.total, precision, lengths.texts, heads_bytes)
        for model, spec in models.items()
    }
    ranks = RankOptions(system.placement, system.target_ranks, getattr(system, "draft_ranks", None))
    together = None
    if "+" in system.target_device:
        # Designed for the middle of the text (ours).
        point = DesignPoint(
            system.design_draft_length, lengths.prompt + lengths.generated // 2, lengths.total * lengths.texts
        )
        together = build_together(
            system.target_device,
            hardware,
            models,
            precision,
            point,
            fidelity,
            system.aau,
            build_channel(hardware, system.ideal_bus_sharing, system.ideal_command_bus)
            if system.operators == "split"
            else None,
        )
    placed = PlacedMachine(
        system,
        hardware,
        models,
        precision,
        lengths,
        fidelity,
        place_on_ranks(system.devices, resting, hardware, ranks),
        offload(system.devices, resting, hardware),
        together,
        own,
    )
    _ = placed.machine  # what the hardware lacks is said now
    return placed


def heads_of(system: AnySystem, heads: int) -> GuessHeads | None:
    """Return the heads of a system with trees; None of others."""
    if not isinstance(system, TreeSystem):
        return None
    return GuessHeads(heads, system.head_blocks, system.output_matrices == "own")


def _laid_out(spec: ModelSpec, model: str, system: AnySystem) -> ModelSpec:
    """The model as it lies in memory: what ever computes in the ranks is held in words of their units."""
    stored = spec.stored_weights
    preverified = model == "target" and isinstance(system, AsynchronousSystem) and system.tvc
    if stored is None or not (DEVICES[system.devices[model]].in_memory or preverified):
        return spec
    return spec.model_copy(update={"stored_weights": stored.in_words})


@lru_cache(maxsize=TABLES)
def step_table(device: Device, spec: ModelSpec, precision: Precision, texts: int = 1) -> StepTable:
    """Costs of a model's passes on a device, computed once for all systems that run it there."""
    return StepTable(device, spec, precision, texts)


@lru_cache(maxsize=TABLES)
def tree_steps(device: Device, spec: ModelSpec, precision: Precision, heads: GuessHeads) -> TreeSteps:
    """Costs of decoding with trees on a device, computed once for all systems that do so there."""
    return TreeSteps(device, spec, precision, heads)


def build_channel(
    hardware: Hardware, ideal_bus_sharing: bool = False, ideal_command_bus: bool = False
) -> ChannelSlowdown:
    """How two sides share the channels of a machine, but for the conflicts that are switched off.

    Raises
    ------
    UnknownNameError
        The preset names a timing set that there is not.
    """
    return ChannelSlowdown(effective_memory(hardware).timing, ideal_bus_sharing, ideal_command_bus)


def messages_of(hardware: Hardware) -> Messages:
    """What it takes on a machine to tell the other side something."""
    cpu = hardware.cpu
    return Messages(
        transfer_ps=to_picoseconds(cpu.queue_transfer_us * 1e-6),
        polling_ps=to_picoseconds(cpu.polling_us * 1e-6),
        decision_ps=to_picoseconds(cpu.decision_us * 1e-6),
    )


def _clocks(hardware: Hardware) -> Clocks:
    npu, pim = hardware.npu, hardware.pim
    return Clocks(
        npu.clock_ghz if npu is not None else 1.0,
        pim.clock_ghz if pim is not None else 1.0,
        pim.gate_switch_cycles / (pim.clock_ghz * 1e9) if pim is not None else 0.0,
    )
