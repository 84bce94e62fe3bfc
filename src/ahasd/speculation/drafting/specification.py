"""Which drafting algorithm with which numbers, as a user writes it: ``adaedl:gamma=0.2,lambda=0.8``."""

from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Literal

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.speculation.drafting.algorithm import Algorithm
from ahasd.speculation.drafting.catalogue import algorithm_descriptions, algorithm_names, find_algorithm
from ahasd.speculation.drafting.policy import DraftingPolicy
from ahasd.text_files import plain_number

__all__ = [
    "AlgorithmSpec",
    "Provenance",
    "algorithm_descriptions",
    "algorithm_names",
    "build_policy",
    "parse_algorithm",
]

Provenance = Literal["published", "given", "calibrated"]

#: Added to the provenance where a trace had no acceptance head and one was stood in for.
PREDICTOR_FITTED = "predictor fitted on held-out prompts"

#: Mean draft length (tokens) that a bare ``calibrated`` asks for; ours.
DEFAULT_MEAN_LENGTH = 4.0

CALIBRATED = "calibrated"


@dataclass(frozen=True, slots=True)
class AlgorithmSpec:
    """An algorithm and its numbers; ``parse_algorithm(str(spec)) == spec``.

    Attributes
    ----------
    name
        A name of the catalogue.
    given
        (parameter, value) pairs that were stated or found by calibration, in the catalogue's order.
    mean_draft_length
        The length in tokens that the threshold is calibrated to; None without calibration.
    predictor_fitted
        Whether predicted acceptances were fitted on held-out prompts, because the trace has no acceptance head.
        Follows from the trace, so the text of a specification does not say it and equality does not ask for it.
    """

    name: str
    given: tuple[tuple[str, float], ...] = ()
    mean_draft_length: float | None = None
    predictor_fitted: bool = field(default=False, compare=False)

    @property
    def algorithm(self) -> Algorithm:
        """The entry of the catalogue."""
        return find_algorithm(self.name)

    @property
    def provenance(self) -> str:
        """Where the numbers come from, and the predicted acceptances if they were fitted."""
        numbers = self.numbers_from
        return f"{numbers}, {PREDICTOR_FITTED}" if self.predictor_fitted else numbers

    @property
    def numbers_from(self) -> Provenance:
        """Where the numbers come from; "given" as soon as one was stated by the user."""
        if self.mean_draft_length is not None:
            return "calibrated"
        return "given" if self.given else "published"

    @property
    def longest_batch(self) -> int:
        """Tokens of a batch at most."""
        return int(self.parameters[self.algorithm.length_limit])

    def fresh_policy(self) -> DraftingPolicy:
        """A policy that has seen nothing yet; see `build_policy`."""
        return build_policy(self)

    @property
    def to_calibrate(self) -> str | None:
        """The parameter that calibration has yet to set; None if every number is known."""
        calibration = self.algorithm.calibration
        if self.mean_draft_length is None or calibration is None:
            return None
        given = dict(self.given)
        # Stating every parameter that calibration could set is how a finished calibration is written down.
        return next((name for name in calibration.parameters if name not in given), None)

    @property
    def parameters(self) -> dict[str, float]:
        """Every parameter and its value, defaults included, without the one yet to be calibrated."""
        values = {
            parameter.name: parameter.default
            for parameter in self.algorithm.parameters
            if parameter.default is not None and parameter.name != self.to_calibrate
        }
        return values | dict(self.given)

    def with_parameters(self, **values: float) -> "AlgorithmSpec":
        """Return the same algorithm with these values stated too (checked)."""
        checked = _checked(self.algorithm, dict(self.given) | values, self.mean_draft_length)
        return replace(checked, predictor_fitted=self.predictor_fitted)

    def __str__(self) -> str:
        items = []
        if self.mean_draft_length is not None:
            items.append(f"{CALIBRATED}={_text(self.mean_draft_length)}")
        for name, value in self.given:
            items.append(_text(value) if name == self.algorithm.positional else f"{name}={_text(value)}")
        return ":".join([self.name, ",".join(items)]) if items else self.name


def parse_algorithm(text: str) -> AlgorithmSpec:
    """Read an algorithm as a user writes it.

    Parameters
    ----------
    text
        ``NAME`` (published numbers) or ``NAME:PARAMETER=VALUE,...`` (given) or ``NAME:calibrated[=LENGTH]``
        (threshold set to a mean draft length in tokens; may be combined with other parameters). ``fixed:4``
        is short for ``fixed:length=4``.

    Raises
    ------
    UnknownNameError
        For an unknown algorithm or parameter.
    AhasdError
        For a value that is no number, out of range, missing, stated twice, or with nothing to calibrate.
    """
    name, colon, rest = text.strip().partition(":")
    algorithm = find_algorithm(name.strip())
    values: dict[str, float] = {}
    for item in rest.split(",") if colon else []:
        key, equals, value = (part.strip() for part in item.partition("="))
        if key == CALIBRATED:
            number = _number(algorithm, key, value) if equals else DEFAULT_MEAN_LENGTH
        elif equals:
            number = _number(algorithm, key, value)
        elif algorithm.positional is not None and key:
            key, number = algorithm.positional, _number(algorithm, algorithm.positional, key)
        else:
            what = f"'{key}' has no value" if key else "a parameter is missing"
            raise AhasdError(f"algorithm '{text}': {what}; write {algorithm.name}:PARAMETER=VALUE,...")
        if key in values:
            raise AhasdError(f"algorithm '{text}': {key} is stated twice; keep one")
        values[key] = number
    mean_draft_length = values.pop(CALIBRATED, None)
    return _checked(algorithm, values, mean_draft_length)


def build_policy(spec: AlgorithmSpec) -> DraftingPolicy:
    """Make a fresh policy.

    Raises
    ------
    AhasdError
        If the threshold is still to be calibrated; see `ahasd.speculation.drafting.calibrate.calibrate`.
    """
    if spec.to_calibrate is not None:
        raise AhasdError(
            f"algorithm '{spec}': {spec.to_calibrate} is calibrated on a trace, and none was given; "
            f"give a trace or state {spec.to_calibrate}"
        )
    return spec.algorithm.build(spec.parameters)


def _checked(
    algorithm: Algorithm, values: dict[str, float], mean_draft_length: float | None
) -> AlgorithmSpec:
    known = [parameter.name for parameter in algorithm.parameters]
    for name in values:
        if name not in known:
            valid = [*known, CALIBRATED] if algorithm.calibration else known
            raise UnknownNameError(f"parameter of {algorithm.name}", name, valid)
    for parameter in algorithm.parameters:
        if parameter.default is None and parameter.name not in values and mean_draft_length is None:
            raise AhasdError(f"{algorithm.name} needs its {parameter.name}; write e.g. {algorithm.name}:4")
    given = tuple(
        (parameter.name, parameter.check(algorithm.name, values[parameter.name]))
        for parameter in algorithm.parameters
        if parameter.name in values
    )
    if mean_draft_length is not None:
        if algorithm.calibration is None:
            raise AhasdError(f"{algorithm.name} has no threshold to calibrate; state its parameters instead")
        if mean_draft_length < 1:
            raise AhasdError(
                f"{algorithm.name}: a mean draft length of {mean_draft_length:g} is out of range; "
                "a batch holds at least 1 token"
            )
    spec = AlgorithmSpec(algorithm.name, given, mean_draft_length)
    if algorithm.check is not None:
        algorithm.check(spec.parameters)
    return spec


def _number(algorithm: Algorithm, key: str, text: str) -> float:
    try:
        number = float(plain_number(text))
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise AhasdError(f"{algorithm.name}: {key}={text} is not a number")
    return number


def _text(value: float) -> str:
    """Shortest text that reads back as the same number."""
    return str(int(value)) if value == int(value) else repr(value)
