"""A system on its hardware with a pair of models: where they lie and what their steps cost."""

from dataclasses import dataclass

from ahasd.hardware.cost import StepCost
from ahasd.hardware.device import Device
from ahasd.hardware.fidelity import Fidelity, build_npu, build_pim
from ahasd.hardware.given_ranks import place_as_given, place_target
from ahasd.hardware.placement import Placement, Resident, place_apart, place_shared
from ahasd.hardware.preset import Hardware
from ahasd.hardware.refresh import effective_memory
from ahasd.hardware.sharing import ChannelSharing
from ahasd.hardware.step_table import StepCosts, StepTable
from ahasd.simulation.engine import to_picoseconds
from ahasd.systems.ideal import idealised
from ahasd.systems.prefill import PromptReader, prefill_cost
from ahasd.systems.preset import SystemPreset
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.pair import ModelPair
from ahasd.workload.passes import kv_cache_bytes, weight_bytes
from ahasd.workload.precision import Precision


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
        sharing: ChannelSharing | None = None,
    ) -> None:
        self.system, self.hardware, self.lengths = system, idealised(hardware, system), lengths
        self.target_steps, self.draft_steps = target_steps, draft_steps
        self.preverify_steps = preverify_steps
        self._sharing = sharing if sharing is not None else build_sharing(self.hardware, system)

    def speeds(self, stream: StepCost, step: StepCost) -> tuple[float, float]:
        """Speeds of a pass of the NPU and a step of the draft on the PIM while both run; 1 if undisturbed.

        On ranks of their own they share the buses of each channel. Where draft and target are interleaved over the
        same ranks, which serve the NPU or compute, each operator of one side waits for the running operator of the
        other (ours), so speeds are the sides' shares of the mean operator times; ``ideal_rank_sharing`` leaves only
        the buses.
        """
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


def build_sharing(hardware: Hardware, system: SystemPreset) -> ChannelSharing:
    """How both sides share the channels of a machine, but for what the system's ideal options take away.

    Raises
    ------
    UnknownNameError
        The preset names a timing set that there is not.
    """
    timing = effective_memory(hardware).timing
    return ChannelSharing(timing, system.ideal_bus_sharing, system.ideal_command_bus)


class PlacedMachine(Machine):
    """A machine with a pair of models placed in its memory, its steps costed by the device models.

    Attributes
    ----------
    placement
        Which ranks hold which model.

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
        self.placement = self._place()
        draft_steps = preverify_steps = None
        if system.draft_device is not None:
            draft_steps = StepTable(self._device(system.draft_device, draft=True), pair.draft, precision)
        if system.tvc:
            pim = build_pim(hardware, self.placement.target, system.aau, precision, fidelity)
            preverify_steps = StepTable(pim, pair.target, precision)
        target_steps = StepTable(self._device(system.target_device, draft=False), pair.target, precision)
        super().__init__(system, hardware, lengths, target_steps, draft_steps, preverify_steps)
        draft_ranks = self.placement.draft
        self.interleaved = draft_ranks is not None and draft_ranks.overlaps(self.placement.target)
        self.target_layers = pair.target.layers

    def _place(self) -> Placement:
        memory, system = self.hardware.memory, self.system
        target = self._resident(self.pair.target)
        if system.draft_device is None:
            if system.target_ranks is not None:
                return Placement(place_target(memory, target, system.target_ranks), None)
            return Placement(place_shared(memory, [target]), None)
        draft = self._resident(self.pair.draft)
        if system.uses_pim and system.placement == "apart":
            if system.target_ranks is None and system.draft_ranks is None:
                return place_apart(memory, target, draft)
            return place_as_given(memory, target, draft, system.target_ranks, system.draft_ranks)
        ranks = place_shared(memory, [target, draft])
        return Placement(ranks, ranks)

    def _resident(self, spec: ModelSpec) -> Resident:
        entries = self.lengths.total
        return Resident(
            spec.name, weight_bytes(spec, self.precision), kv_cache_bytes(spec, entries, self.precision)
        )

    def _device(self, name: str, draft: bool) -> Device:
        ranks = self.placement.draft if draft else self.placement.target
        assert ranks is not None
        if name == "pim":
            return build_pim(self.hardware, ranks, self.system.aau, self.precision, self.fidelity)
        return build_npu(self.hardware, ranks.channels, self.precision, self.fidelity)

    def prefill(self) -> StepCost:
        """Cost of reading the prompt but its last token into the caches, both models in turn.

        The prompt's last token is fed by the first decoding pass, which needs its logits.
        """
        system = self.system
        readers = [self._reader(self.pair.target, system.target_device == "pim", system.tvc, draft=False)]
        if self.draft_steps is not None:
            readers.append(self._reader(self.pair.draft, system.draft_device == "pim", False, draft=True))
        tokens = self.lengths.prompt - 1
        return prefill_cost(readers, tokens, self.precision, self.hardware, system.prefill_layout)

    def _reader(self, spec: ModelSpec, in_memory: bool, preverified: bool, draft: bool) -> PromptReader:
        """A model whose decoding computes in memory, or that is pre-verified there, lies as the PIM wants it."""
        device = "pim" if in_memory and self.system.prefill == "pim" else "npu"
        return PromptReader(spec, self._device(device, draft), in_memory or preverified)
