"""What is best here, of this run and the target alone on each device."""

from collections.abc import Sequence

from ahasd.family.result import Baseline, Verdict, Way
from ahasd.family.verdict import pays
from ahasd.family.verdict import verdict as compare
from ahasd.speculation.results import SpeculationSection

_DECLINED = "It drafts nothing: on held-out prompts no way with a draft was faster."


def verdict(
    asked: Way,
    baseline: Baseline | None,
    elsewhere: Sequence[Baseline],
    section: SpeculationSection,
    might_draft: bool = False,
) -> Verdict:
    """Compare the way asked for with the target alone.

    Parameters
    ----------
    asked
        This run; a `Baseline` if it is the target alone.
    baseline
        The target alone on the device that verifies; None if that is this run.
    elsewhere
        The target alone on the other devices.
    section
        What was drafted.
    might_draft
        Whether a draft was asked for, also where the system has chosen to do without.
    """
    alone = [*([baseline] if baseline is not None else []), *elsewhere]
    about = _DECLINED if might_draft else ""
    if baseline is not None:
        about = _about(asked, baseline, alone, section)
    if section.bound:
        about = f"{about} {asked.title} is a bound, no machine that can be built: {section.bound}.".strip()
    return compare(asked, alone, baseline is None, about)


def _about(asked: Way, baseline: Baseline, alone: Sequence[Baseline], section: SpeculationSection) -> str:
    """Say whether the draft pays, what it gives beside its own baseline, and from which acceptance it pays."""
    fastest = max(alone, key=lambda way: way.tokens_per_second)
    it_pays = pays(asked, [asked, *alone])
    if not it_pays:
        text = "Speculation does not pay here"
    elif asked.tokens_per_second < fastest.tokens_per_second:
        text = "Speculation breaks even here"
    else:
        text = "Speculation pays"
    if baseline is not fastest:
        speedup = asked.tokens_per_second / baseline.tokens_per_second
        joined = ", though it is" if speedup > 1 and not it_pays else "; it is"
        text += f"{joined} {speedup:.2f}x as fast as {baseline.title}"
    return f"{text}{_break_even(section, it_pays)}."


def _break_even(section: SpeculationSection, it_pays: bool) -> str:
    """From which acceptance on; the search has short runs on a scaled trace, so the run may differ a little."""
    rate, here = section.break_even_acceptance, section.draft_acceptance_rate or 0.0
    if rate is None:
        if section.always_pays is not it_pays:
            return ""
        return ": it does so at any acceptance rate" if it_pays else ": it would at no acceptance rate"
    if it_pays != (here >= rate):
        return (
            f": it is close to its break-even, an acceptance rate of about {rate:.2f}; here it is {here:.2f}"
        )
    verb = "it does so" if it_pays else "it would"
    return f": {verb} from an acceptance rate of about {rate:.2f} on; here it is {here:.2f}"
