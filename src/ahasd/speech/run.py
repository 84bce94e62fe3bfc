"""One run of speech."""

from collections.abc import Callable, Sequence
from functools import cached_property

from ahasd import __version__
from ahasd.errors import AhasdError
from ahasd.family.accounting import added_up, total_joules
from ahasd.family.result import Baseline, Way, Work
from ahasd.family.run import Run
from ahasd.family.verdict import verdict
from ahasd.hardware.placement.device_kinds import has_device
from ahasd.simulation.engine import PICOSECONDS
from ahasd.speech.configuration import SpeechConfiguration
from ahasd.speech.counts import count
from ahasd.speech.decode import (
    DRAFT,
    DRAFT_ENCODER,
    DRAFT_PROMPT,
    ENCODER,
    PROMPT,
    TARGET,
    SpeechDecoding,
    SpeechOutcome,
)
from ahasd.speech.place import AskedSpeech, PlacedSpeech, look_up, place
from ahasd.speech.result import DraftRecord, Parts, SpeechResult, SpeechSection
from ahasd.speech.system import OneDevice, SpeechSystem
from ahasd.speech.words import agreement_from, both_figures, notes

#: Where the target alone is tried.
_DEVICES: tuple[OneDevice, ...] = ("npu", "pim", "gpu", "gpu2")


class SpeechRun(Run):
    """The clips of a trace on a machine.

    Attributes
    ----------
    asked, placed
        The configuration with its names looked up, and the models in their places.
    """

    def __init__(self, configuration: SpeechConfiguration) -> None:
        self.asked: AskedSpeech = look_up(configuration)
        self.placed: PlacedSpeech = place(self.asked, self.asked.system)
        self._outcome: SpeechOutcome | None = None

    @property
    def work(self) -> int:
        """Tokens of all transcripts, ends included."""
        return len(self.asked.trace.target)

    @property
    def draws(self) -> bool:
        """A recorded trace is replayed as it is, and speech is decoded greedily."""
        return self.asked.synthetic

    @property
    def outcome(self) -> SpeechOutcome:
        """What was done."""
        return self._outcome if self._outcome is not None else self.simulate()

    def simulate(self, watch: Callable[[int], None] | None = None) -> SpeechOutcome:
        """Go through the clips."""
        self._outcome = SpeechDecoding(self.placed, self.asked.trace).decode(watch)
        return self._outcome

    def result(self) -> SpeechResult:
        """Add it up, and hold it against the target alone, decoding alone and end to end."""
        asked, placed, outcome = self.asked, self.placed, self.outcome
        hardware, system, tokens = placed.hardware, placed.system, self.work
        section = self._section()
        own = self._way(system.name, outcome)
        drafts = system.drafting is not None
        if not drafts:
            own = Baseline(**own.model_dump(), device=placed.devices["target"])
        return SpeechResult(
            family="speech",
            system=system.name,
            hardware=hardware.name,
            verdict=verdict(own, self._plain_ways(), not drafts, both_figures(section, placed)),
            work=Work(done=tokens, unit="token"),
            **added_up(hardware, outcome, placed.devices.values(), tokens),
            options=system.model_dump(exclude={"name", "description", "family", "default_hardware"}),
            notes=notes(asked, placed),
            reproduce=self.frozen().model_dump(mode="json")
            | {"trace_sha256": asked.trace.sha256, "version": __version__},
            tokens=tokens,
            tokens_per_second=own.tokens_per_second,
            joules_per_token=own.joules_per_token,
            tpot_s=section.parts.decode_s / tokens,
            speech=section,
        )

    def frozen(self) -> SpeechConfiguration:
        """Everything written out."""
        asked = self.asked
        update = {
            "system": asked.system.model_dump(exclude={"default_hardware"}),
            "hardware": asked.preset.to_document(),
            "set": (),
        }
        return asked.configuration.model_copy(update=update)

    def _way(self, name: str, outcome: SpeechOutcome) -> Way:
        total = total_joules(self.placed.hardware, outcome)
        return Way(
            name=name,
            tokens_per_second=self.work / (outcome.end / PICOSECONDS),
            joules_per_token=None if total is None else total / self.work,
        )

    @cached_property
    def _alone(self) -> dict[OneDevice, SpeechOutcome]:
        """What the target alone does on each device that holds it."""
        hardware = self.placed.hardware
        found: dict[OneDevice, SpeechOutcome] = {}
        for device in _DEVICES:
            twin = device == "gpu2" and hardware.gpu2 == hardware.gpu
            if twin or not has_device(hardware, device):
                continue
            system = SpeechSystem(name="alone", description="the target alone", target_device=device)
            try:
                placed = place(self.asked, system)
                found[device] = SpeechDecoding(placed, self.asked.trace).decode()
            except AhasdError:
                # Too large for that device, or it does not run such layers; the run itself says so of its own.
                continue
        return found

    def _plain_ways(self) -> Sequence[Way]:
        own = self.placed.devices["target"] if self.placed.draft is None else None
        return [
            Baseline(**self._way(f"{device}-alone", outcome).model_dump(), device=device)
            for device, outcome in self._alone.items()
            if device != own
        ]

    def _section(self) -> SpeechSection:
        asked, outcome = self.asked, self.outcome
        (target,) = (name for name in _DEVICES if name == self.placed.devices["target"])
        parts = _parts(outcome)
        alone = parts if self.placed.draft is None else _parts(self._alone[target])
        return SpeechSection(
            pair=asked.pair.name,
            agreement_from=agreement_from(asked),
            shares_encoder=asked.pair.shares_encoder,
            clips=asked.trace.clips,
            sound_s=float(asked.trace.milliseconds.sum()) / 1000,
            parts=parts,
            alone=alone,
            encoder_share=alone.encoder_s / alone.end_to_end_s,
            drafts=None if self.placed.draft is None else self._drafts(parts, alone),
        )

    def _drafts(self, parts: Parts, alone: Parts) -> DraftRecord:
        counts = count(one for rounds in self.outcome.rounds for one in rounds)
        prompt = self.outcome.seconds(PROMPT)
        return DraftRecord(
            rounds=counts.rounds,
            draft_passes=counts.draft_passes,
            drafted=counts.drafted,
            recycled=counts.recycled,
            proposed=counts.proposed,
            accepted=counts.accepted,
            draft_steps_per_token=counts.draft_passes / max(1, counts.written),
            tokens_per_round=counts.written / max(1, counts.rounds),
            acceptance_ratio=counts.acceptance_ratio,
            speedup_decode=alone.decode_s / parts.decode_s,
            speedup_end_to_end=alone.end_to_end_s / parts.end_to_end_s,
            free_draft_end_to_end=alone.end_to_end_s / (parts.encoder_s + prompt + parts.target_s),
        )


def _parts(outcome: SpeechOutcome) -> Parts:
    hearing = {name: outcome.seconds(name) for name in (ENCODER, DRAFT_ENCODER)}
    whole = outcome.end / PICOSECONDS
    return Parts(
        encoder_s=hearing[ENCODER],
        draft_encoder_s=hearing[DRAFT_ENCODER],
        prompt_s=outcome.seconds(PROMPT, DRAFT_PROMPT),
        draft_s=outcome.seconds(DRAFT),
        target_s=outcome.seconds(TARGET),
        decode_s=outcome.seconds(PROMPT, DRAFT_PROMPT, DRAFT, TARGET),
        end_to_end_s=whole,
    )
