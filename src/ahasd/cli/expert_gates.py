"""Gates as a user writes them: top-k, sensitivity:threshold=0.005."""

from dataclasses import dataclass
from pathlib import Path

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.experts.gate.gate import Gate, TopK
from ahasd.experts.gate.known_sensitivities import sensitivities
from ahasd.experts.gate.sensitivity import THRESHOLD, SensitivityGate
from ahasd.text_files import plain_number

GATES = ("top-k", "sensitivity")


@dataclass(frozen=True, slots=True)
class AskedGate:
    """A gate of a mixture whose number of layers is not known yet.

    Attributes
    ----------
    mixture
        What traces call it.
    threshold
        Of the sensitivity gate; None uses all that the router chose.
    """

    mixture: str
    threshold: float | None

    def make(self, layers: int) -> Gate:
        """Make it for so many layers with experts."""
        if self.threshold is None:
            return TopK()
        return SensitivityGate(sensitivities(self.mixture, layers).values, self.threshold)

    def source(self, layers: int) -> str | None:
        """Whose sensitivities it has; None where it needs none."""
        return None if self.threshold is None else sensitivities(self.mixture, layers).source


def parse_gate(text: str, mixture: str) -> AskedGate:
    """Read a gate.

    Parameters
    ----------
    mixture
        What traces call the mixture.

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
        threshold = parse_threshold("--gate: threshold", value)
    return AskedGate(mixture, None if name == "top-k" else threshold)


def parse_threshold(what: str, text: str) -> float:
    """Read a threshold of the sensitivity gate.

    Raises
    ------
    AhasdError
        It is no number, or below 0.
    """
    try:
        threshold = float(plain_number(text))
    except ValueError:
        threshold = -1.0
    if not threshold >= 0:  # nor is NaN a number
        raise AhasdError(f"{what} is '{text}'; must be a number, at least 0")
    return threshold


def mixture_name(model: Path | None) -> str:
    """What traces call the mixture in a folder; None is the tiny mixture, wherever its folder is named."""
    from ahasd.decoding.tiny_moe import NAME, model_path

    if model is None or model.resolve() == model_path().resolve():
        return NAME
    return model.resolve().name if model.resolve().name != NAME else ""
