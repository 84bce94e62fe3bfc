"""Errors of the AAU's tables and of its whole operations against the exact functions, over the range of inputs."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from ahasd.rtl.aau import exact_functions as exact
from ahasd.rtl.aau import functions
from ahasd.rtl.aau.exact_functions import Floats
from ahasd.rtl.aau.floats import LENGTH_BITS, exponent_units, output_shift
from ahasd.rtl.aau.functions import ARGUMENT_BITS, SCALE_BITS, TABLES, VALUE_BITS, Integers, Operation

#: Largest inputs of an activation; with 16 its result would saturate, and 8 is where the tables end.
RANGES = (1, 2, 4, 8, 15)

#: Largest scores of a softmax, nats; 88 is the most that its scale can say.
SCORE_RANGES = (1, 4, 16, 64)


@dataclass(frozen=True, slots=True)
class FunctionError:
    """Errors of one function over one range.

    Attributes
    ----------
    name, arguments
        The function, and what it was asked for.
    largest, mean
        Absolute errors in the function's own unit.
    largest_steps, mean_steps
        The same in steps of the 8-bit result, of which half a one is the least that is possible; None for a table.
    """

    name: str
    arguments: str
    largest: float
    mean: float
    largest_steps: float | None = None
    mean_steps: float | None = None


def table_errors() -> list[FunctionError]:
    """Of the three tables, at every argument of 12 fraction bits."""
    wanted: dict[Operation, tuple[str, Callable[[Floats], Floats]]] = {
        Operation.EXPONENT: ("2^-f", lambda f: 2.0**-f),
        Operation.GELU: ("max(x, 0) - GELU(x)", lambda v: v - exact.gelu(v)),
        Operation.SILU: ("max(x, 0) - SiLU(x)", lambda v: v - exact.silu(v)),
    }
    rows = []
    for operation, table in TABLES.items():
        arguments = np.arange(1 << (ARGUMENT_BITS + table.range_bits))
        found = functions.look_up(table, arguments) / 2.0**VALUE_BITS
        name, function = wanted[operation]
        errors = np.abs(found - function(arguments / 2.0**ARGUMENT_BITS))
        rows.append(
            FunctionError(
                name, f"[0, {2**table.range_bits}), every argument", float(errors.max()), float(errors.mean())
            )
        )
    return rows


def operation_errors(seed: int = 0) -> list[FunctionError]:
    """Of whole operations with 8 bits in and out.

    The input is what its 8 bits say, so this is the error of the unit and of rounding its result. Activations: every
    input; softmax and norms: vectors drawn from normal distributions that fill the range.
    """
    random = np.random.default_rng(seed)
    return [*_activations(), *_softmaxes(random), *_norms(random)]


def _row(name: str, arguments: str, pairs: Iterable[tuple[Floats, float]]) -> FunctionError:
    """From pairs of errors in steps and the size of a step."""
    listed = list(pairs)
    steps = np.concatenate([errors for errors, _ in listed])
    absolute = np.concatenate([errors * step for errors, step in listed])
    return FunctionError(
        name,
        arguments,
        *(float(each) for each in (absolute.max(), absolute.mean(), steps.max(), steps.mean())),
    )


def _activations() -> Iterable[FunctionError]:
    values = np.arange(-128, 128)
    floats = values.astype(np.float64)
    for name, operation, function in (
        ("GELU", Operation.GELU, exact.gelu),
        ("SiLU", Operation.SILU, exact.silu),
    ):
        for most in RANGES:
            scale = step = most / 128
            found = functions.activate(
                operation, values, round(scale * 2**SCALE_BITS), min(round(256 / step), 2**16 - 1)
            )
            wanted = np.clip(function(floats * scale) / step, -128, 127)
            yield _row(name, f"±{most}, all 256 inputs", [(np.abs(found - wanted), step)])


def _softmaxes(random: np.random.Generator) -> Iterable[FunctionError]:
    for length in (64, 1024, 16384):
        for most in SCORE_RANGES:
            drawn = [random.normal(0, 40, length) for _ in range(10)]
            errors = [_softmax_errors(_words(row), most / 128) for row in drawn]
            yield _row(f"softmax of {length}", f"scores of ±{most}, 10 vectors", errors)


def _norms(random: np.random.Generator) -> Iterable[FunctionError]:
    for name, subtract in (("layer norm", True), ("RMS norm", False)):
        for width in (128, 4096):
            for deviation in (3, 40):
                drawn = [random.normal(deviation / 5, deviation, width) for _ in range(10)]
                errors = [_norm_errors(_words(row), subtract) for row in drawn]
                yield _row(f"{name} of {width}", f"deviation of {deviation} steps, 10 vectors", errors)


def _words(drawn: Floats) -> Integers:
    return np.clip(np.rint(drawn), -128, 127).astype(np.int64)


def _softmax_errors(values: Integers, scale: float) -> tuple[Floats, float]:
    """A probability of 1 is 255 steps, one too few."""
    wanted = exact.softmax(values.astype(np.float64) * scale)
    shift = output_shift(float(wanted.max()))
    found = functions.softmax(values, exponent_units(scale), LENGTH_BITS, shift)
    step = 2.0 ** -(8 + shift)
    return np.abs(found - wanted / step), step


def _norm_errors(values: Integers, subtract_mean: bool) -> tuple[Floats, float]:
    """With a gain that lets the result reach ±4 deviations, where it saturates."""
    step = 4 / 128
    gains, biases = np.full(len(values), 64), np.zeros(len(values), dtype=np.int64)
    found = functions.normalise(values, gains, biases, 9, LENGTH_BITS, subtract_mean)
    floats = values.astype(np.float64)
    wanted = exact.layer_norm(floats) if subtract_mean else exact.rms_norm(floats, np.ones(1))
    return np.abs(found - np.clip(wanted / step, -128, 127)), step
