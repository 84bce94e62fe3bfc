"""Gates as a user writes them: top-k, sensitivity:threshold=0.005."""

from collections.abc import Callable

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.experts.gate.gate import Gate, TopK
from ahasd.experts.gate.sensitivity import THRESHOLD, SensitivityGate, sensitivities
from ahasd.text_files import plain_number

GATES = ("top-k", "sensitivity")


def parse_gate(text: str) -> Callable[[int], Gate]:
    """Read a gate; what it gives makes the gate for so many layers with experts.

    The sensitivities are those of Mixtral 8x7B at the same relative depth.

    Raises
    ------
    UnknownNameError
        There is no such gate, or it has no such option.
    AhasdError
        A value does not fit.
    """
    name, _, setting = text.partition(":")
    if name not in GATES:
        raise UnknownNameError("gate", name, GATES)
    threshold = THRESHOLD
    if setting:
        key, _, value = setting.partition("=")
        if name == "top-k" or key != "threshold":
            raise UnknownNameError(
                f"option of the gate {name}", key, ["threshold"] if name != "top-k" else []
            )
        try:
            threshold = float(plain_number(value))
        except ValueError:
            raise AhasdError(f"--gate: threshold is '{value}'; must be a number, at least 0") from None
    if name == "top-k":
        return lambda layers: TopK()
    SensitivityGate((), threshold)  # says now what is wrong with a threshold
    return lambda layers: SensitivityGate(sensitivities(layers), threshold)
