"""A system on its hardware with a pair of models: where they lie and what their steps cost."""

from dataclasses import dataclass
from functools import lru_cache

from ahasd.hardware.channel.slowdown import ChannelSlowdown
from ahasd.hardware.cost import StepCost
from ahasd.hardware.device import Device
from ahasd.hardware.dram.refresh import effective_memory
from ahasd.hardware.fidelity import Fidelity, build_gpu, build_npu, build_pim
from ahasd.hardware.placement.device_kinds import DEVICES, DeviceName, parts, require_device
from ahasd.hardware.placement.prefill import PromptReader, prefill_cost
from ahasd.hardware.preset.preset import Hardware
from ahasd.hardware.step_table import StepCosts, StepTable
from ahasd.simulation.engine import to_picoseconds
from ahasd.speculation.ideal import idealised
from ahasd.speculation.options import SystemPreset
from ahasd.speculation.placing import Resting, offload, place_on_ranks
from ahasd.speculation.together import Together, build_together
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.pair import ModelPair
from ahasd.workload.precision import Precision

#: Tables of step costs that are kept: those of all systems of a comparison with one pair (ours).
TABLES = 24


@dataclass(frozen=True, slots=True)
class Lengths:
    """Prompt and continuation, in tokens, and how far a draft may run ahead of the text."""

    prompt: int
    generated: int
    look_ahead: int = 0

    @property
    def total(self) -> int:
        """Entries that a KV cache must be able to hold."""
        return self.prompt + self.generated + self.look_ahead


class Machine:
    """What a schedule runs on: the costs of steps, and the conflicts and latencies of the hardware.

    Attributes
    ----------
    target_steps, draft_steps
        Costs of passes on the device that runs the model; ``draft_steps`` is None without a draft.
    preverify_steps
        Costs of passes of the target on the ranks that hold it; None unless the system pre-verifies.
    interleaved
        Whether the draft computes in ranks that also hold the target.
    target_layers
        Layers of the target, by which a pre-verification can follow a pass.
    """

    interleaved = False
    target_layers = 1

    def __init__(
        self,
        system: SystemPreset,
        hardware: Hardware,
        lengths: Lengths,
        target_steps: StepCosts,
        draft_steps: StepCosts | None = None,
        preverify_steps: StepCosts | None = None,
        sharing: ChannelSlowdown | None = None,
    ) -> None:
        self.system, self.hardware, self.lengths = system, idealised(hardware, system), lengths
        self.target_steps, self.draft_steps = target_steps, draft_steps
        self.preverify_steps = preverify_steps
        self._sharing = sharing
        if sharing is None and system.shares_memory and hardware.memory is not None:
            self._sharing = build_sharing(self.hardware, system)

    def speeds(self, stream: StepCost, step: StepCost) -> tuple[float, float]:
        """Speeds of a pass of the target and a step of the draft while both run; 1 if undisturbed.

        Devices with memories of their own do not disturb each other. NPU and PIM do: on ranks of their own they share
        the buses of each channel. Where draft and target are interleaved over the same ranks, which serve the NPU or
        compute, each operator of one side waits for the running operator of the other (ours), so speeds are the
        sides' shares of the mean operator times; ``ideal_rank_sharing`` leaves only the buses.
        """
        if self._sharing is None:
            return 1.0, 1.0
        if not self.interleaved or self.system.ideal_rank_sharing:
            return self._sharing.rates(stream, step)
        of_pass = stream.seconds / max(1.0, stream.operators)
        of_step = step.seconds / max(1.0, step.operators)
        share = of_pass / (of_pass + of_step)
        return share, 1.0 - share

    @property
    def polling_ps(self) -> int:
        """Interval at which queues are looked at."""
        return to_picoseconds(self.hardware.cpu.polling_us * 1e-6)

    @property
    def transfer_ps(self) -> int:
        """Time of a message between the two sides."""
        return to_picoseconds(self.hardware.cpu.queue_transfer_us * 1e-6)

    @property
    def decision_ps(self) -> int:
        """Time of one decision of EDC or TVC."""
        return to_picoseconds(self.hardware.cpu.decision_us * 1e-6)


def build_sharing(hardware: Hardware, system: SystemPreset) -> ChannelSlowdown:
    """How both sides share the channels of a machine, but for what the system's ideal options take away.

    Raises
    ------
    UnknownNameError
        The preset names a timing set that there is not.
    """
    timing = effective_memory(hardware).timing
    return ChannelSlowdown(timing, system.ideal_bus_sharing, system.ideal_command_bus)


@lru_cache(maxsize=TABLES)
def step_table(device: Device, spec: ModelSpec, precision: Precision) -> StepTable:
    """Costs of a model's passes on a device, computed once for all systems that run it there."""
    return StepTable(device, spec, precision)


class PlacedMachine(Machine):
    """A machine with a pair of models placed in its memories, its steps costed by the device models.

    Attributes
    ----------
    placement
        Which ranks hold which model.
    offloaded
        Layers of ``target`` and ``draft`` that a GPU copies in for every pass.
    together
        What host and PIM do together, in systems where they do.

    Raises
    ------
    AhasdError
        The models do not fit, or the hardware lacks a device.
    """

    def __init__(
        self,
        system: SystemPreset,
        hardware: Hardware,
        pair: ModelPair,
        precision: Precision,
        lengths: Lengths,
        fidelity: Fidelity = Fidelity.DETAILED,
    ) -> None:
        self.pair, self.precision, self.fidelity = pair, precision, fidelity
        hardware = idealised(hardware, system)
        self.system, self.hardware, self.lengths = system, hardware, lengths
        for device in system.devices.values():
            require_device(hardware, device)
        target, draft = (Resting(spec, lengths.total, precision) for spec in (pair.target, pair.draft))
        self.placement = place_on_ranks(system, hardware, target, draft)
        self.offloaded = offload(system, hardware, target, draft)
        self.together = self._build_together() if "+" in system.target_device else None
        draft_steps = preverify_steps = None
        if system.draft_device is not None:
            draft_steps = step_table(self._device(system.draft_device, draft=True), pair.draft, precision)
        if system.tvc:
            assert self.placement.target is not None, "the target lies where it is pre-verified"
            pim = build_pim(hardware, self.placement.target, system.aau, precision, fidelity)
            preverify_steps = step_table(pim, pair.target, precision)
        target_steps = step_table(self._device(system.target_device, draft=False), pair.target, precision)
        super().__init__(system, hardware, lengths, target_steps, draft_steps, preverify_steps)
        target_ranks, draft_ranks = self.placement.target, self.placement.draft
        if target_ranks is not None and draft_ranks is not None:
            self.interleaved = draft_ranks.overlaps(target_ranks)
        self.target_layers = pair.target.layers

    def _device(self, name: DeviceName, draft: bool) -> Device:
        """The device that runs a model, in the ranks and with the layers that the placement says."""
        if self.together is not None and "+" in name:
            return self.together.devices["draft" if draft else "target"]
        if DEVICES[name].memory != "module":
            model, spec = ("draft", self.pair.draft) if draft else ("target", self.pair.target)
            share = self.offloaded[model] / spec.layers
            return build_gpu(self.hardware, name, self.precision, share)
        ranks = self.placement.draft if draft else self.placement.target
        assert ranks is not None
        if name == "pim":
            return build_pim(self.hardware, ranks, self.system.aau, self.precision, self.fidelity)
        return build_npu(self.hardware, ranks.channels, self.precision, self.fidelity)

    def _build_together(self) -> Together:
        system, lengths = self.system, self.lengths
        return build_together(
            system,
            self.hardware,
            {model: getattr(self.pair, model) for model in system.devices},
            self.precision,
            lengths.prompt + lengths.generated // 2,  # the middle of the text (ours)
            lengths.total,
            self.fidelity,
            build_sharing(self.hardware, system),
        )

    def prefill(self) -> StepCost:
        """Cost of reading the prompt but its last token into the caches, both models in turn.

        The prompt's last token is fed by the first decoding pass, which needs its logits.
        """
        system = self.system
        readers = [self._reader(self.pair.target, system.target_device, system.tvc, draft=False)]
        if system.draft_device is not None:
            readers.append(self._reader(self.pair.draft, system.draft_device, False, draft=True))
        tokens = self.lengths.prompt - 1
        return prefill_cost(readers, tokens, self.precision, self.hardware, system.prefill_layout)

    def _reader(self, spec: ModelSpec, decoder: DeviceName, preverified: bool, draft: bool) -> PromptReader:
        """A model whose decoding computes in memory, or that is pre-verified there, lies as the PIM wants it."""
        in_memory = DEVICES[decoder].in_memory
        device = decoder
        if in_memory and self.system.prefill == "npu":
            device = parts(decoder)[0] if "+" in decoder else "npu"
            require_device(self.hardware, device)
        return PromptReader(spec, self._device(device, draft), in_memory or preverified)
