"""Which way to draft, and how far, pays on a device: every method and draft length, from figures alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ahasd.errors import AhasdError
from ahasd.prediction.from_figures.drafted_tokens import accepted_share
from ahasd.prediction.from_figures.model_figures import GIGA
from ahasd.prediction.from_figures.setting import DraftMethod, Setting
from ahasd.prediction.from_figures.speed_up import SpeedUp, predict_speed_up, tokens_per_second_alone
from ahasd.prediction.from_figures.usual_acceptance import usual_acceptance

#: Draft lengths that are tried.
LENGTHS = (1, 2, 3, 4, 5, 6, 8, 12, 16)

#: The highest chance of a token for which a break-even is sought.
_CERTAIN = 0.999


@dataclass(frozen=True, slots=True)
class Option:
    """A way to draft and how far.

    Attributes
    ----------
    speed_up
        Its interval holds the spread of the acceptance where that was not given.
    """

    method: DraftMethod
    draft_length: int
    acceptance: float
    speed_up: SpeedUp


@dataclass(frozen=True, slots=True)
class Plan:
    """What can be said before anything runs.

    Attributes
    ----------
    setting
        Device and models; its method and draft length count for nothing.
    options
        The best first.
    given_acceptance
        Whether the acceptance was given, else it is that of the record.
    alone
        Tokens per second of the target alone; None if the device is not known.
    break_even
        Chance of a drafted token from which the best method pays at its best length; None if none is enough.
    """

    setting: Setting
    options: tuple[Option, ...]
    given_acceptance: bool
    alone: float | None
    break_even: float | None

    @property
    def best(self) -> Option:
        """The fastest."""
        return self.options[0]


def make_plan(setting: Setting, methods: Sequence[DraftMethod], acceptance: float | None = None) -> Plan:
    """Rank methods and draft lengths.

    Parameters
    ----------
    acceptance
        Chance that a drafted token is accepted if those before it were; None for what the record shows.

    Raises
    ------
    AhasdError
        The models do not fit the device, an acceptance is needed, or no method is named.
    """
    if not methods:
        raise AhasdError("no method to plan for; name at least one")
    _check_fit(setting, methods)
    options = [option for method in methods for option in _options(setting, method, acceptance)]
    options.sort(key=lambda option: -option.speed_up.mean)
    return Plan(
        setting,
        tuple(options),
        acceptance is not None,
        tokens_per_second_alone(setting),
        _break_even(setting, options[0].method),
    )


def _options(setting: Setting, method: DraftMethod, acceptance: float | None) -> list[Option]:
    usual = usual_acceptance(method)
    if acceptance is None and usual is None:
        raise AhasdError(f"the record shows no acceptance for {method}; give --acceptance")
    found = []
    for length in LENGTHS:
        if acceptance is not None or usual is None:
            assert acceptance is not None, "asked before"
            found.append(Option(method, length, acceptance, _at(setting, method, length, acceptance)))
            continue
        middle = _at(setting, method, length, usual.middle)
        low = _at(setting, method, length, usual.low).low
        high = _at(setting, method, length, usual.high).high
        speed_up = replace(middle, low=min(low, middle.low), high=max(high, middle.high))
        found.append(Option(method, length, usual.middle, speed_up))
    return found


def _at(setting: Setting, method: DraftMethod, length: int, chance: float) -> SpeedUp:
    """The speed-up where each drafted token is accepted by the same chance."""
    share = chance if method == "ngram" else accepted_share(chance, length)
    tokens = None if method == "ngram" else 1 + share * length
    found = predict_speed_up(
        replace(setting, method=method, draft_length=length, acceptance=share, tokens_per_pass=tokens)
    )
    assert found is not None, "it has an acceptance"
    return found


def _break_even(setting: Setting, method: DraftMethod) -> float | None:
    def pays(chance: float) -> bool:
        return max(_at(setting, method, length, chance).mean for length in LENGTHS) > 1

    if not pays(_CERTAIN):
        return None
    low, high = 0.0, _CERTAIN
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (low, middle) if pays(middle) else (middle, high)
    return high


def _check_fit(setting: Setting, methods: Sequence[DraftMethod]) -> None:
    sold = [size for device in setting.devices for size in device.capacities]
    memory = setting.memory or (max(sold) if sold else None)
    if memory is None:
        return
    parts = [("target", setting.target)]
    if "draft-model" in methods and setting.draft is not None:
        parts.append(("draft", setting.draft))
    sizes = [(name, model.stored_bytes) for name, model in parts if model.stored_bytes]
    total = sum(size for _, size in sizes) / setting.processors
    if total > memory:
        said = " + ".join(f"{name} {size / GIGA:.1f} GB" for name, size in sizes)
        raise AhasdError(
            f"{said} do not fit {memory / GIGA:.0f} GB, caches and system apart; "
            "take fewer bits per weight, a smaller model or a device with more memory"
        )
