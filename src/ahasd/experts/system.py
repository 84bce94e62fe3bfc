"""Systems that serve a mixture's experts from two memories."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator

from ahasd.errors import AhasdError
from ahasd.experts.cache.policies import parse_policy
from ahasd.experts.layer_schedule.schedules import layer_schedule
from ahasd.experts.prefetch.prefetch import prefetch_named
from ahasd.family.system import System, SystemFiles
from ahasd.invalid_values import explain


class ExpertsSystem(System):
    """Which experts stay, which are fetched, and who computes the others.

    Parameters
    ----------
    cache
        See `ahasd list caches`; ``whole-layers`` has all experts of the first layers and none of the others.
    slots
        ``even``, or ``adapmoe``: where they save most loads, by AdapMoE's dynamic programme.
    gate
        ``top-k``, or ``sensitivity``: AdapMoE's.
    threshold
        Of that gate.
    prefetch, schedule
        As they are called in `experts/prefetch` and `experts/layer_schedule`.
    """

    family: Literal["experts"] = "experts"
    default_hardware: str = "a6000-xeon"
    cache: str = "lru"
    slots: Literal["even", "adapmoe"] = "even"
    gate: Literal["top-k", "sensitivity"] = "top-k"
    threshold: float = Field(default=0.005, ge=0)
    prefetch: str = "none"
    schedule: str = "copy"

    @field_validator("cache")
    @classmethod
    def _known_cache(cls, text: str) -> str:
        if text != WHOLE_LAYERS:
            _refused(lambda: parse_policy(text))
        return text

    @field_validator("prefetch")
    @classmethod
    def _known_prefetch(cls, text: str) -> str:
        _refused(lambda: prefetch_named(text))
        return text

    @field_validator("schedule")
    @classmethod
    def _known_schedule(cls, text: str) -> str:
        _refused(lambda: layer_schedule(text))
        return text


#: The cache that is none: all experts of some layers.
WHOLE_LAYERS = "whole-layers"


def _refused(look_up: Any) -> None:
    """Turn the house's refusal into one that pydantic names the field for."""
    try:
        look_up()
    except AhasdError as error:
        raise ValueError(str(error)) from error


def parse_system(document: Mapping[str, Any]) -> ExpertsSystem:
    """Check a document.

    Raises
    ------
    AhasdError
        A value is out of range or a key is unknown; the message names it.
    """
    named = {"name": "custom", "description": "given by its options", **document}
    try:
        return ExpertsSystem.model_validate(named)
    except ValidationError as error:
        raise AhasdError(f"system: {explain(error, valid=list(ExpertsSystem.model_fields))}") from error


SYSTEMS = SystemFiles("ahasd.experts", parse_system)
