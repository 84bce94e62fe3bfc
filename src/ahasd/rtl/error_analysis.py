"""What the widths and the approximations of the hardware change, against floats and exact functions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import erf, floor, log2, sqrt
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ahasd.control.edc import EntropyDraftControl, EntropyDraftControlOptions
from ahasd.control.fixed_point import CycleFormat, EntropyFormat
from ahasd.control.tvc import OfflineProfile, TimeAwareVerificationControl, TimeAwareVerificationOptions
from ahasd.rtl import aau_functions as functions
from ahasd.rtl.aau_functions import ARGUMENT_BITS, SCALE_BITS, TABLES, VALUE_BITS, Operation

Floats = NDArray[np.float64]
LENGTH_BITS = 15
LOG2_E = 1.4426950408889634


def changed_buckets(entropies: Floats, fraction_bits: int, batch: int = 4) -> float:
    """Share of batches of a trace whose bucket differs between floats and words of so many fraction bits.

    Parameters
    ----------
    entropies
        N x K, nats; the first `batch` of each row make a batch.
    """
    plain = EntropyDraftControl(EntropyDraftControlOptions())
    words = EntropyFormat(fraction_bits=fraction_bits)
    fixed = EntropyDraftControl(EntropyDraftControlOptions(arithmetic="fixed", fixed_point=words))
    rows = entropies[:, :batch].tolist()
    differing = sum(
        plain.bucket(sum(row) / batch) != fixed.bucket(sum(map(fixed.entropy, row)) / batch) for row in rows
    )
    return differing / len(rows)


def changed_answers(fraction_bits: int, questions: int = 4000, seed: int = 0) -> tuple[float, int]:
    """Share of TVC's answers that differ between floats and words, and the largest difference in tokens.

    Durations are drawn around those of a 13B verification and of a PIM that pre-verifies in 3 to 30 ms a token; the
    context grows by an accepted batch each time, and starts anew at 128 tokens when it reaches 4096.
    """
    random = Random(seed)
    profile = OfflineProfile(
        npu_verification_cycles=254e6, kv_length=128, pim_draft_cycles=10e6, pim_preverification_cycles=4e6
    )
    words = CycleFormat(fraction_bits=fraction_bits)
    plain, fixed = (
        TimeAwareVerificationControl(options, profile, 1e9, 0.8e9)
        for options in (
            TimeAwareVerificationOptions(),
            TimeAwareVerificationOptions(arithmetic="fixed", fixed_point=words),
        )
    )
    context, differing, most = 128, 0, 0
    for _ in range(questions):
        context = 128 if context > 4096 else context + random.randrange(1, 9)
        verification, tokens = random.uniform(250e6, 270e6), random.randrange(1, 9)
        draft, preverification = random.uniform(8e6, 12e6), random.uniform(2.4e6, 24e6)
        for control in (plain, fixed):
            control.npu_verified(verification, context)
            control.drafted(draft * tokens, tokens)
            control.preverified(preverification * tokens, tokens)
        elapsed = random.uniform(0, verification)
        one, other = (control.tokens_to_preverify(context, elapsed, 64) for control in (plain, fixed))
        differing += one != other
        most = max(most, abs(one - other))
    return differing / questions, most


@dataclass(frozen=True, slots=True)
class FunctionError:
    """Absolute errors over every argument, and what they are measured in.

    Attributes
    ----------
    name, largest, mean
        Of the function; its errors.
    arguments
        The range.
    """

    name: str
    largest: float
    mean: float
    arguments: str


def _gelu(x: Floats) -> Floats:
    return np.array([value * (1 + erf(value / sqrt(2))) / 2 for value in x.ravel()]).reshape(x.shape)


def _silu(x: Floats) -> Floats:
    found: Floats = x / (1 + np.exp(-x))
    return found


def table_errors() -> list[FunctionError]:
    """Of the three tables, at every argument of 12 fraction bits."""
    exact: dict[Operation, tuple[str, Callable[[Floats], Any]]] = {
        Operation.EXPONENT: ("2^-f", lambda f: 2.0**-f),
        Operation.GELU: ("max(x, 0) - GELU(x)", lambda v: v - _gelu(v)),
        Operation.SILU: ("max(x, 0) - SiLU(x)", lambda v: v - _silu(v)),
    }
    rows = []
    for operation, table in TABLES.items():
        arguments = np.arange(1 << (ARGUMENT_BITS + table.range_bits))
        found = functions.look_up(table, arguments) / 2.0**VALUE_BITS
        name, function = exact[operation]
        errors = np.abs(found - function(arguments / 2.0**ARGUMENT_BITS))
        rows.append(
            FunctionError(name, float(errors.max()), float(errors.mean()), f"[0, {2**table.range_bits})")
        )
    return rows


def operation_errors(seed: int = 0) -> list[FunctionError]:
    """Of whole operations with 8 bits in and out, in steps of the output, over all inputs or random vectors.

    The input is what the 8 bits say; so half a step is the least that is possible.
    """
    random = np.random.default_rng(seed)
    rows = []
    values = np.arange(-128, 128)
    for name, operation, function in (("GELU", Operation.GELU, _gelu), ("SiLU", Operation.SILU, _silu)):
        scale, step = 8 / 128, 8 / 128
        found = functions.activate(operation, values, round(scale * 2**SCALE_BITS), round(256 / step))
        errors = np.abs(
            found - np.clip(function(np.asarray(values * scale, dtype=np.float64)) / step, -128, 127)
        )
        rows.append(FunctionError(name, float(errors.max()), float(errors.mean()), "all 256 inputs, ±8"))
    for length in (64, 1024):
        errors = np.concatenate([_softmax_errors(random.normal(0, 25, length)) for _ in range(50)])
        rows.append(
            FunctionError(
                f"softmax of {length}", float(errors.max()), float(errors.mean()), "50 normal vectors, ±8"
            )
        )
    for name, subtract in (("layer norm", True), ("RMS norm", False)):
        errors = np.concatenate([_norm_errors(random, subtract) for _ in range(20)])
        rows.append(
            FunctionError(f"{name} of 4096", float(errors.max()), float(errors.mean()), "20 normal vectors")
        )
    return rows


def _softmax_errors(drawn: Floats) -> Floats:
    values = np.clip(np.rint(drawn), -128, 127).astype(np.int64)
    scale = 8 / 128
    exponents = np.exp((values - values.max()) * scale)
    exact = exponents / exponents.sum()
    shift = output_shift(float(exact.max()))
    found = functions.softmax(values, round(scale * LOG2_E * 2**SCALE_BITS), LENGTH_BITS, shift)
    errors: Floats = np.abs(found - np.minimum(exact * 2.0 ** (8 + shift), 255))
    return errors


def _norm_errors(random: np.random.Generator, subtract_mean: bool) -> Floats:
    values = np.clip(np.rint(random.normal(6, 30, 4096)), -128, 127).astype(np.int64)
    gains, biases = random.integers(20, 128, 4096), random.integers(-10, 11, 4096)
    found = functions.normalise(values, gains, biases, 9, LENGTH_BITS, subtract_mean)
    centred = values - (values.mean() if subtract_mean else 0)
    exact = centred / np.sqrt((centred**2).mean()) * gains * 2.0**-1 + biases
    errors: Floats = np.abs(found - np.clip(exact, -128, 127))
    return errors


def output_shift(largest: float) -> int:
    """Shift with which a softmax whose largest probability is given fills 8 bits."""
    return max(0, min(7, floor(-log2(largest))))


def aau_softmax(rows: Floats) -> Floats:
    """Softmax of each row as the AAU does it, 8 bits in and out, one scale per row."""
    return np.stack([_row_softmax(row[np.isfinite(row)], len(row)) for row in rows])


def _row_softmax(row: Floats, length: int) -> Floats:
    scale = max(float(np.abs(row).max()), 1e-6) / 127
    values = np.rint(row / scale).astype(np.int64)
    units = min(round(scale * LOG2_E * 2**SCALE_BITS), 2**SCALE_BITS - 1)
    exponents = functions.exponent(values.max() - values, units)
    shift = output_shift(float(exponents.max() / exponents.sum()))
    found = functions.softmax(values, units, LENGTH_BITS, shift) / 2.0 ** (8 + shift)
    filled: Floats = np.concatenate([found, np.zeros(length - len(found))])
    return filled


def aau_silu(x: Floats) -> Floats:
    """SiLU as the AAU does it, 8 bits in and out, one scale for all."""
    scale = float(np.abs(x).max()) / 127
    step = float(np.abs(_silu(x)).max()) / 127
    values = np.rint(x / scale).astype(np.int64)
    output_scale = min(round(256 / step), 2**16 - 1)
    found = functions.activate(Operation.SILU, values.ravel(), round(scale * 2**SCALE_BITS), output_scale)
    unscaled: Floats = found.reshape(x.shape).astype(np.float64) * (256 / output_scale)
    return unscaled


def aau_rms_norm(rows: Floats, gain: Floats) -> Floats:
    """RMS norm of each row as the AAU does it, 8 bits in and out; one scale per row in, one for all out."""
    exact = rms_norm(rows, gain)
    step = float(np.abs(exact).max()) / 127
    shift = floor(log2(127 * 256 * step / float(np.abs(gain).max())))
    gains = np.rint(gain * 2.0**shift / (256 * step)).astype(np.int64)
    found = []
    for row in rows:
        values = np.rint(row / (np.abs(row).max() / 127)).astype(np.int64)
        zeros = np.zeros(len(row), dtype=np.int64)
        found.append(
            functions.normalise(values, gains, zeros, shift, LENGTH_BITS, subtract_mean=False) * step
        )
    return np.stack(found)


def rms_norm(rows: Floats, gain: Floats) -> Floats:
    """Exact."""
    found: Floats = rows / np.sqrt((rows**2).mean(axis=1, keepdims=True)) * gain
    return found


def softmax(rows: Floats) -> Floats:
    """Exact."""
    exponents = np.exp(rows - rows.max(axis=1, keepdims=True))
    found: Floats = exponents / exponents.sum(axis=1, keepdims=True)
    return found


def silu(x: Floats) -> Floats:
    """Exact."""
    return _silu(x)


def rounded_to_8_bits(function: Callable[..., Floats]) -> Callable[..., Floats]:
    """Return the exact function with its argument and its result rounded to 8 bits, one scale each."""

    def rounded(x: Floats, *others: Floats) -> Floats:
        return _rounded(function(_rounded(x), *others))

    return rounded


def _rounded(x: Floats) -> Floats:
    finite = x[np.isfinite(x)]
    step = float(np.abs(finite).max()) / 127
    found: Floats = np.rint(x / step) * step
    return found


def relative_error(found: Floats, exact: Floats) -> float:
    """Root mean square of the difference over that of the exact values."""
    return float(np.sqrt(((found - exact) ** 2).mean() / (exact**2).mean()))


def fraction_rows(entropies: Floats, bits: Sequence[int]) -> list[tuple[int, float, float, int]]:
    """Fraction bits; changed buckets; changed answers; largest difference of an answer."""
    return [(each, changed_buckets(entropies, each), *changed_answers(each)) for each in bits]
