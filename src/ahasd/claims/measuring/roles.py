"""Who is measured: a system on the hardware that a condition gives it."""

from collections.abc import Callable
from typing import Any, TypeVar

from ahasd.claims.condition import RunCondition
from ahasd.speculation.drafting.specification import parse_algorithm

RunConditionType = TypeVar("RunConditionType", bound=RunCondition)

#: (condition, pair, algorithm) -> a configuration without tokens and seed.
Role = Callable[[RunConditionType, str, str], dict[str, Any]]


def asked(
    condition: RunCondition,
    pair: str,
    algorithm: str,
    system: str | dict[str, Any],
    hardware: str,
    changes: tuple[str, ...] = (),
    bits: int | None = None,
) -> dict[str, Any]:
    """A configuration under a condition: its trace, and its suffix for algorithms that can be calibrated.

    Parameters
    ----------
    system, hardware
        What runs where.
    changes
        As after ``--set``.
    bits
        Of weights and cache, where they are not the default.
    """
    if condition.algorithm and algorithm != "none" and parse_algorithm(algorithm).algorithm.calibration:
        algorithm += condition.algorithm
    found = {
        "system": system,
        "pair": pair,
        "algorithm": algorithm,
        "trace": condition.trace,
        "hardware": hardware,
        "set": changes,
    }
    return found if bits is None else found | {"weight_bits": bits, "kv_bits": bits}
