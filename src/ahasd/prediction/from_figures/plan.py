"""Which way to draft, and how far, pays on a device: every method and draft length, from figures alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ahasd.errors import AhasdError
from ahasd.prediction.from_figures.acceptance import Acceptance, Chance, GivenAcceptance, RecordedAcceptance
from ahasd.prediction.from_figures.drafted_tokens import accepted_share
from ahasd.prediction.from_figures.energy_bound import EnergyBound, energy_bound
from ahasd.prediction.from_figures.memory_plan import MemoryPlan, plan_memory
from ahasd.prediction.from_figures.setting import DraftMethod, Setting
from ahasd.prediction.from_figures.smaller_format import SmallerFormat, smaller_format
from ahasd.prediction.from_figures.speed_up import SpeedUp, predict_speed_up, tokens_per_second_alone
from ahasd.prediction.from_figures.tree_option import TreeOption, tree_option
from ahasd.prediction.from_figures.usual_acceptance import longest_draft

#: Draft lengths that are tried, as far as somebody published one as long with the method.
LENGTHS = (1, 2, 3, 4, 5, 6, 8, 12, 16)

#: The highest chance of a token for which a break-even is sought.
_CERTAIN = 0.999

#: Tokens in the caches where none are said: llama-server's default (ours for the others).
USUAL_CONTEXT = 4096


@dataclass(frozen=True, slots=True)
class Option:
    """A way to draft and how far.

    Attributes
    ----------
    chance
        That a drafted token is accepted.
    speed_up
        Its interval holds the spread of the acceptance.
    """

    method: DraftMethod
    draft_length: int
    chance: Chance
    speed_up: SpeedUp


@dataclass(frozen=True, slots=True)
class Plan:
    """What can be said before anything runs.

    Attributes
    ----------
    setting
        Device and models; its method and draft length count for nothing.
    options
        The best first; what does not fit the memory is not among them.
    if_trained
        The best length of methods that need a head trained for the target, the best method first.
    acceptance
        Where acceptances come from.
    alone
        Tokens per second of the target alone; None if the device is not known.
    break_even
        Chance of a drafted token from which a method pays at its best length, for the best method and that of the
        draft; None if none is enough.
    memory
        What fits.
    energy
        Of the target alone and the best option; None where power or speed is not known.
    smaller
        The target in fewer bits; None where there is nothing usual.
    tree
        The best tree of Medusa's heads' guesses; None where not asked for, or the target's size is not known.
    """

    setting: Setting
    options: tuple[Option, ...]
    if_trained: tuple[Option, ...]
    acceptance: Acceptance
    alone: float | None
    break_even: dict[DraftMethod, float | None]
    memory: MemoryPlan
    energy: EnergyBound | None
    smaller: SmallerFormat | None
    tree: TreeOption | None = None

    @property
    def best(self) -> Option:
        """The fastest."""
        return self.options[0]

    @property
    def asked(self) -> Option | None:
        """The best length with the draft that was named, where another method is faster."""
        method = drafting_method(self.setting)
        own = next((option for option in self.options if option.method == method), None)
        return own if own is not None and own.method != self.best.method else None

    def of(self, method: DraftMethod) -> list[Option]:
        """The options of a method, the shortest draft first."""
        return sorted(
            (option for option in self.options if option.method == method),
            key=lambda option: option.draft_length,
        )


def make_plan(
    setting: Setting,
    methods: Sequence[DraftMethod],
    acceptance: Acceptance | None = None,
    if_trained: Sequence[DraftMethod] = (),
    context: int = USUAL_CONTEXT,
    memory: float | None = None,
    with_tree: bool = False,
) -> Plan:
    """Rank methods and draft lengths.

    Parameters
    ----------
    acceptance
        None for what the record shows.
    if_trained
        Methods to list apart, since they need a head trained for the target.
    context
        Tokens that the caches hold.
    memory
        Bytes of the device; None for the sizes that it is sold with, of which the largest counts.
    with_tree
        Whether to look for the best tree of heads' guesses.

    Raises
    ------
    AhasdError
        The models do not fit the device, an acceptance is needed, or no method is named.
    """
    if not methods:
        raise AhasdError("no method to plan for; name at least one")
    source = acceptance if acceptance is not None else RecordedAcceptance()
    room = plan_memory(setting, methods, context, memory)
    setting = replace(setting, memory=room.counted)
    fitting = [method for method in methods if method not in room.displaced]
    options = _ranked([option for method in fitting for option in _options(setting, method, source)])
    apart = [
        max(_options(setting, method, source), key=_speed) for method in if_trained if method not in methods
    ]
    alone = tokens_per_second_alone(setting)
    best, named = options[0], drafting_method(setting)
    searched = {best.method, *([named] if named in fitting and named is not None else [])}
    power = energy_bound(setting.devices[0], alone, best.speed_up.mean) if alone and setting.devices else None
    return Plan(
        setting,
        tuple(options),
        tuple(_ranked(apart)),
        source,
        alone,
        {method: _break_even(setting, method) for method in searched},
        room,
        power,
        smaller_format(setting),
        tree_option(setting) if with_tree else None,
    )


def drafting_method(setting: Setting) -> DraftMethod | None:
    """How the draft that was named drafts; None without one."""
    return setting.head.method if setting.head is not None else "draft-model" if setting.draft else None


def given(value: float, methods: Sequence[DraftMethod], others: Acceptance) -> GivenAcceptance:
    """An acceptance that a person says of what drafts with a model or head; of copying only where nothing else does.

    Raises
    ------
    AhasdError
        It is no chance, or one of certainty.
    """
    if not 0 <= value < 1:
        raise AhasdError(f"--acceptance is {value:g}; it must be at least 0 and below 1")
    meant = tuple(method for method in methods if method != "ngram")
    return GivenAcceptance(value, meant or tuple(methods), others)


def _ranked(options: Sequence[Option]) -> list[Option]:
    return sorted(options, key=_speed, reverse=True)


def _speed(option: Option) -> float:
    return option.speed_up.mean


def lengths_of(method: DraftMethod) -> tuple[int, ...]:
    """The draft lengths that are tried with a method."""
    longest = longest_draft(method) or LENGTHS[-1]
    return tuple(length for length in LENGTHS if length <= longest)


def _options(setting: Setting, method: DraftMethod, acceptance: Acceptance) -> list[Option]:
    found = []
    for length in lengths_of(method):
        chance = acceptance.chance(method, length)
        if chance is None:
            raise AhasdError(f"the record shows no acceptance for {method}; give --acceptance")
        middle = _at(setting, method, length, chance.middle)
        low = _at(setting, method, length, chance.low).low
        high = _at(setting, method, length, chance.high).high
        speed_up = replace(middle, low=min(low, middle.low), high=max(high, middle.high))
        found.append(Option(method, length, chance, speed_up))
    return found


def _at(setting: Setting, method: DraftMethod, length: int, chance: float) -> SpeedUp:
    """The speed-up where each drafted token is accepted by the same chance."""
    share = accepted_share(chance, length)
    tokens = None if method == "ngram" else 1 + share * length
    found = predict_speed_up(
        replace(setting, method=method, draft_length=length, acceptance=share, tokens_per_pass=tokens)
    )
    assert found is not None, "it has an acceptance"
    return found


def _break_even(setting: Setting, method: DraftMethod) -> float | None:
    def pays(chance: float) -> bool:
        return max(_at(setting, method, length, chance).mean for length in lengths_of(method)) > 1

    if not pays(_CERTAIN):
        return None
    low, high = 0.0, _CERTAIN
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (low, middle) if pays(middle) else (middle, high)
    return high
