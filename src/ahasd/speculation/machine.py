"""What a schedule runs on: what the steps of target and draft cost, and what both sides take from each other."""

from dataclasses import dataclass
from typing import Protocol

from ahasd.hardware.cost import StepCost
from ahasd.hardware.step_table import StepCosts


@dataclass(frozen=True, slots=True)
class Lengths:
    """Prompt and continuation of each text, in tokens, and how far a draft may run ahead of it.

    ``texts`` are decoded together; ``heads`` guess their tokens in systems that have any.
    """

    prompt: int
    generated: int
    look_ahead: int = 0
    texts: int = 1
    heads: int = 0

    @property
    def total(self) -> int:
        """Entries that a text's KV cache must be able to hold."""
        return self.prompt + self.generated + self.look_ahead


@dataclass(frozen=True, slots=True)
class Messages:
    """What it takes to tell the other side something, picoseconds.

    Attributes
    ----------
    transfer_ps
        From writing a message to its being there.
    polling_ps
        Interval at which queues are looked at; 0 where a message is seen as soon as it is there.
    decision_ps
        Time of one decision of a controller.
    """

    transfer_ps: int = 0
    polling_ps: int = 0
    decision_ps: int = 0


class SharedChannel(Protocol):
    """What a verifier that streams and a drafter that computes in memory leave each other of a channel."""

    def rates(self, stream: StepCost, pim: StepCost) -> tuple[float, float]:
        """Speeds of a pass that streams and of a step in memory while both run; 1 if undisturbed."""


@dataclass(frozen=True, slots=True)
class Conflicts:
    """What drafter and verifier take from each other while both work; by default nothing.

    Attributes
    ----------
    channel
        The memory channel that both use; None for memories of their own.
    takes_turns
        Whether both models lie on the same ranks, which serve the verifier's stream or compute for the drafter.
    stops_stream
        Whether a pre-verification, which computes in the ranks that hold the target, stops the verifier's stream.
    borrows_vector_unit
        Whether the vector work of a draft step passes through the verifier's device (AAU off).
    waits_for_vector_unit
        Whether that vector work and a running verification can be in each other's way.
    needs_entries
        Whether a pre-verification finds only the target's KV entries that have been written.
    """

    channel: SharedChannel | None = None
    takes_turns: bool = False
    stops_stream: bool = True
    borrows_vector_unit: bool = False
    waits_for_vector_unit: bool = True
    needs_entries: bool = True

    def speeds(self, verification: StepCost, draft_step: StepCost) -> tuple[float, float]:
        """Speeds of a pass of the verifier and a step of the drafter while both run; 1 if undisturbed.

        Devices with memories of their own do not disturb each other. On ranks of their own both sides share the buses
        of each channel. On the same ranks each operator of one side waits for the running operator of the other
        (ours), so speeds are the sides' shares of the mean operator times.
        """
        if self.channel is None:
            return 1.0, 1.0
        if not self.takes_turns:
            return self.channel.rates(verification, draft_step)
        of_pass = verification.seconds / max(1.0, verification.operators)
        of_step = draft_step.seconds / max(1.0, draft_step.operators)
        share = of_pass / (of_pass + of_step)
        return share, 1.0 - share


@dataclass(frozen=True, slots=True)
class Clocks:
    """Clocks in which a controller counts, GHz, and what it takes to switch the ranks that compute.

    Attributes
    ----------
    verifier_ghz, drafter_ghz
        Of the devices of the two sides.
    rank_switch_s
        Seconds from the draft's ranks to the target's, or back.
    """

    verifier_ghz: float = 1.0
    drafter_ghz: float = 1.0
    rank_switch_s: float = 0.0


@dataclass(frozen=True)
class Machine:
    """All that a schedule sees of the hardware and of the models.

    Two roles work on it, on any devices: the drafter runs the draft, the verifier the target.

    Attributes
    ----------
    lengths
        Of prompt, continuation and look-ahead.
    target_steps, draft_steps
        Costs of passes on the device that runs the model; ``draft_steps`` is None without a draft.
    preverify_steps
        Costs of passes of the target on the drafter's device; None where that cannot pre-verify.
    conflicts
        What both sides take from each other.
    messages
        What telling the other side takes.
    clocks
        In which controllers count.
    target_layers
        Layers of the target, by which a pre-verification can follow a pass.
    """

    lengths: Lengths
    target_steps: StepCosts
    draft_steps: StepCosts | None = None
    preverify_steps: StepCosts | None = None
    conflicts: Conflicts = Conflicts()
    messages: Messages = Messages()
    clocks: Clocks = Clocks()
    target_layers: int = 1

    @property
    def drafter(self) -> StepCosts:
        """The draft's steps, on a machine that has them."""
        assert self.draft_steps is not None, "this machine has no draft"
        return self.draft_steps
