"""From what a user writes after ``--policy`` to caches."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.experts.cache.belady import Belady
from ahasd.experts.cache.cache import ExpertCache
from ahasd.experts.cache.least_stale import LeastStale
from ahasd.experts.cache.lfru import Lfru
from ahasd.experts.cache.lfu import Lfu
from ahasd.experts.cache.lru import Lru
from ahasd.experts.cache.mrs import Mrs
from ahasd.experts.cache.random_choice import RandomChoice
from ahasd.experts.cache.static_hot import StaticHot
from ahasd.text_files import plain_number

#: What each is, for lists of what there is.
POLICIES = {
    "lru": "the least recently used expert gives way",
    "lfu": "the least frequently used expert gives way",
    "lfru": "the expert with the fewest uses for the time since its last gives way",
    "random": "any expert gives way (seed=0)",
    "static-hot": "the hottest experts of the first part of the text (share=0.25) stay for good",
    "least-stale": "the expert that most passes of its own layer left unused gives way (SpecMD, our reading)",
    "mrs": "the expert with the lowest smoothed router score gives way (HybriMoE, alpha=0.5)",
    "belady": "knows the future: no cache has more hits (bypass=1: what is fetched need not be kept)",
}

_OPTIONS: dict[str, dict[str, float]] = {
    "random": {"seed": 0},
    "static-hot": {"share": 0.25},
    "mrs": {"alpha": 0.5},
    "belady": {"bypass": 1},
}
_VALID: dict[str, tuple[Callable[[float], bool], str]] = {
    "seed": (lambda value: value >= 0 and value == int(value), "a whole number, at least 0"),
    "share": (lambda value: 0 < value <= 1, "above 0 and at most 1"),
    "alpha": (lambda value: 0 < value < 1, "between 0 and 1"),
    "bypass": (lambda value: value in (0, 1), "0 or 1"),
}


@dataclass(frozen=True, slots=True)
class Policy:
    """A rule with its options.

    Attributes
    ----------
    text
        As the user wrote it.
    """

    text: str
    name: str
    options: dict[str, float]

    def build(self, slots: int, experts: int, layers: int, requests: Sequence[int]) -> ExpertCache:
        """Build a cache.

        Parameters
        ----------
        experts, layers
            Of a layer, and how many layers share the cache.
        requests
            All that will be asked of it, for those that know the future.
        """
        kinds: dict[str, Callable[[], ExpertCache]] = {
            "lru": lambda: Lru(slots),
            "lfu": lambda: Lfu(slots),
            "lfru": lambda: Lfru(slots),
            "random": lambda: RandomChoice(slots, int(self.options["seed"])),
            "static-hot": lambda: StaticHot(slots),
            "least-stale": lambda: LeastStale(slots, experts, layers),
            "mrs": lambda: Mrs(slots, self.options["alpha"]),
            "belady": lambda: Belady(slots, requests, self.options["bypass"] == 1),
        }
        return kinds[self.name]()


def parse_policy(text: str) -> Policy:
    """Read ``lru``, ``mrs:alpha=0.75`` and the like.

    Raises
    ------
    UnknownNameError
        There is no such rule, or it has no such option.
    AhasdError
        A value does not fit.
    """
    name, _, settings = text.strip().partition(":")
    if name not in POLICIES:
        raise UnknownNameError("cache policy", name, POLICIES)
    options: dict[str, Any] = dict(_OPTIONS.get(name, {}))
    for setting in filter(None, settings.split(",")):
        key, _, value = (part.strip() for part in setting.partition("="))
        if key not in options:
            raise UnknownNameError(f"option of {name}", key, options)
        fits, rule = _VALID[key]
        try:
            options[key] = float(plain_number(value))
        except ValueError:
            raise AhasdError(f"{name}: {key} is '{value}'; must be {rule}") from None
        if not fits(options[key]):
            raise AhasdError(f"{name}: {key} is {value}; must be {rule}")
    return Policy(text.strip(), name, options)
