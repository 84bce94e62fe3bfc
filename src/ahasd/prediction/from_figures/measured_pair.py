"""What a measured device says of the models of a setting."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ahasd.errors import AhasdError
from ahasd.hardware.measured.measured_device import Acceptance, MeasuredDevice, MeasuredModel
from ahasd.hardware.measured.pass_times import PassTimes


@dataclass(frozen=True, slots=True)
class MeasuredPair:
    """Times of target and draft where a device has them; what it lacks comes from figures.

    Everything is taken at the context at which most widths of the target were measured.

    Attributes
    ----------
    device
        The table.
    target, draft
        The models of it that the setting's names mean; None where it has none.
    target_times, draft_times
        Costs of their passes.
    stand_in_times
        Of a chain of products, which say what wider passes cost where the target's do not; None if there is none.
    """

    device: MeasuredDevice
    target: MeasuredModel | None
    draft: MeasuredModel | None
    target_times: PassTimes | None
    draft_times: PassTimes | None
    stand_in_times: PassTimes | None = None

    @property
    def context(self) -> int:
        """Tokens in the caches."""
        times = self.target_times or self.draft_times
        return times.usual_context if times is not None else 0

    @property
    def target_step_s(self) -> float | None:
        """A pass of the target over one row, in seconds; None if it was not measured."""
        return self.target_times.seconds(1, self.context) if self.target_times is not None else None

    @property
    def draft_step_s(self) -> float | None:
        """A step of the draft, in seconds; None if it was not measured."""
        return self.draft_times.seconds(1, self.context) if self.draft_times is not None else None

    @property
    def has_widths(self) -> bool:
        """Whether the target was measured at several widths."""
        return self.target is not None and len(self.target.widths) > 1

    def verify(self, rows: int, width: float) -> float | None:
        """A pass over ``width`` tokens of each of ``rows`` sequences, in passes over one of each; None if not known.

        A mean width between two whole ones is a mixture of these.
        """
        times, context = self.target_times, self.context
        if times is None or not self.has_widths:
            times, context = self.stand_in_times, 0
        if times is None:
            return None
        below = int(rows * width + 1e-9)
        share = max(0.0, rows * width - below)
        seconds = times.seconds(below, context)
        if share > 1e-9:
            seconds += share * (times.seconds(below + 1, context) - seconds)
        return seconds / times.seconds(rows, context)

    def is_measured(self, rows: int) -> bool:
        """Whether a pass of so many rows was measured, and one of one."""
        return self.target is not None and {1, rows} <= set(self.target.widths)

    @property
    def acceptance(self) -> Acceptance | None:
        """What was measured of this pair; None if nothing was, or of a draft that is not said to be this one.

        Several measurements of it count together.
        """
        target = self.target.name if self.target is not None else ""
        draft = self.draft.name if self.draft is not None else ""
        own = [
            found
            for found in self.device.acceptances
            if found.target in ("", target) and found.draft in ("", draft) and found.mean_length is not None
        ]
        if not own:
            return None
        drafted, accepted = sum(found.drafted for found in own), sum(found.accepted for found in own)
        rounds = sum(found.drafted / (found.mean_length or 1) for found in own)
        return Acceptance(
            target=target, draft=draft, drafted=drafted, accepted=accepted, rounds=max(1, round(rounds))
        )

    def notes(self, width: int, drafts: bool) -> list[str]:
        """What is measured of a plan that verifies ``width`` rows, and what is not, in sentences.

        Parameters
        ----------
        drafts
            Whether a draft model drafts.
        """
        found = []
        known = ", ".join(model.name for model in self.device.models if not model.stands_in) or "no model"
        if self.target is None or self.target_times is None:
            found.append(f"The target was not measured on {self.device.device} (measured: {known}).")
        else:
            widths = ", ".join(str(each) for each in self.target.widths)
            found.append(
                f"The target is {self.target.name} as measured at {widths} rows, here at a context of {self.context}."
            )
            if not self.has_widths and self.stand_in_times is None:
                found.append("At other widths it was not measured: what a wider pass costs is from figures.")
            elif self.has_widths:
                for each in dict.fromkeys((1, width)):
                    basis = self.target_times.basis(each, self.context)
                    if basis:
                        found.append(f"A pass of {each} rows was not measured; it is {basis}.")
        if not self.has_widths and self.stand_in_times is not None:
            found.append(
                "What a wider pass costs is that of a chain of products on this machine, not of the target."
            )
        found += [
            f"{source.program} measured while other processes were at work ({source.load_per_processor:.1f} for each "
            "processor): measure again on an idle machine."
            for source in self.device.sources
            if source.was_busy
        ]
        if drafts and self.draft is None:
            found.append(f"The draft was not measured (measured: {known}); its steps are from figures.")
        elif drafts and self.draft_times is not None:
            basis = self.draft_times.basis(1, self.context)
            said = f"; a step is {basis}" if basis else ""
            found.append(f"The draft is {self.draft.name if self.draft else ''} as measured{said}.")
        return found


def measured_pair(
    device: MeasuredDevice, target: str, target_bits: int, draft: str | None, draft_bits: int
) -> MeasuredPair:
    """Find the models that names mean.

    Parameters
    ----------
    target_bits, draft_bits
        4, 8 or 16: the width of weights for which a backend has kernels of their own.

    Raises
    ------
    AhasdError
        A name fits several.
    """
    own = find_model(device.models, target)
    other = find_model(device.models, draft) if draft is not None else None
    chain = next((model for model in device.models if model.stands_in and len(model.widths) > 1), None)
    return MeasuredPair(
        device,
        own,
        other,
        device.times(own, target_bits) if own is not None else None,
        device.times(other, draft_bits) if other is not None else None,
        device.times(chain, 16) if chain is not None else None,
    )


def find_model(models: Sequence[MeasuredModel], name: str) -> MeasuredModel | None:
    """The model of that name, else the one whose name has all of its words; None if there is none.

    Raises
    ------
    AhasdError
        It fits several.
    """
    models = [model for model in models if not model.stands_in]
    exact = [model for model in models if model.name.lower() == name.lower()]
    words = set(_words(name))
    found = exact or [model for model in models if words <= set(_words(model.name))]
    if len(found) > 1:
        names = " and ".join(f"'{model.name}'" for model in found)
        raise AhasdError(f"'{name}' fits {len(found)} measured models: {names}; give one of these names")
    return found[0] if found else None


def _words(name: str) -> list[str]:
    return re.findall(r"[a-z0-9.]+", name.lower())
