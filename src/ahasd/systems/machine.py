"""A system on its hardware with a pair of models: where they lie and what their steps cost."""

from dataclasses import dataclass

from ahasd.hardware.cost import NO_COST, StepCost
from ahasd.hardware.device import Device
from ahasd.hardware.fidelity import Fidelity, build_npu, build_pim
from ahasd.hardware.placement import Placement, Resident, place_apart, place_shared
from ahasd.hardware.preset import Hardware
from ahasd.hardware.step_table import StepCosts, StepTable
from ahasd.simulation.engine import to_picoseconds
from ahasd.systems.preset import SystemPreset
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.pair import ModelPair
from ahasd.workload.passes import forward_pass, kv_cache_bytes, weight_bytes
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
    """

    def __init__(
        self,
        system: SystemPreset,
        hardware: Hardware,
        lengths: Lengths,
        target_steps: StepCosts,
        draft_steps: StepCosts | None = None,
        preverify_steps: StepCosts | None = None,
    ) -> None:
        self.system, self.hardware, self.lengths = system, hardware, lengths
        self.target_steps, self.draft_steps = target_steps, draft_steps
        self.preverify_steps = preverify_steps

    @property
    def bus_bytes_per_second(self) -> float:
        """What a long stream over all channels gets."""
        return self.hardware.memory.channels * self.hardware.memory.channel_bytes_per_second

    @property
    def transfer_ps(self) -> int:
        """Time of a message between the two sides."""
        if self.system.ideal_control_latency:
            return 0
        return to_picoseconds(self.hardware.cpu.queue_transfer_us * 1e-6)

    @property
    def decision_ps(self) -> int:
        """Time of one decision of EDC or TVC."""
        if self.system.ideal_control_latency:
            return 0
        return to_picoseconds(self.hardware.cpu.decision_us * 1e-6)


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

    def _place(self) -> Placement:
        memory = self.hardware.memory
        target = self._resident(self.pair.target)
        if self.system.draft_device is None:
            return Placement(place_shared(memory, [target]), None)
        draft = self._resident(self.pair.draft)
        if self.system.uses_pim:
            return place_apart(memory, target, draft)
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
        """Cost of reading the prompt but its last token into the caches, on the NPU, both models in turn.

        The prompt's last token is fed by the first decoding pass, which needs its logits.
        """
        tokens = self.lengths.prompt - 1
        if tokens == 0:
            return NO_COST
        specs = [self.pair.target] + ([self.pair.draft] if self.draft_steps is not None else [])
        cost = NO_COST
        for spec in specs:
            npu = build_npu(self.hardware, self.hardware.memory.channels, self.precision, self.fidelity)
            cost = cost + npu.cost(forward_pass(spec, tokens, 0, self.precision, logits=0))
        return cost
