"""How sensitive the loss is to the experts of each layer, for mixtures of which that is known."""

import json
from dataclasses import dataclass
from importlib import resources

import numpy as np


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(float(number) for number in text.split())


#: Of each layer of Mixtral 8x7B and 8x22B the sum of the Fisher diagonal, as the public code of AdapMoE has them
#: (PKU-SEC-Lab/AdapMoE, benchmarks/run_acc_benchmark.py), to four digits at most.
MIXTRAL_8X7B = _numbers(
    "46.69 17.30 13.02 7.64 4.17 2.23 1.256 0.844 0.684 0.560 0.513 0.478 0.445 0.436 0.384 0.310 0.233 "
    "0.176 0.138 0.114 0.105 0.0954 0.0862 0.0771 0.0694 0.0611 0.0502 0.0426 0.0335 0.0253 0.0207 0.0229"
)
MIXTRAL_8X22B = _numbers(
    "61.74 30.83 22.53 18.12 15.12 12.26 7.301 4.386 3.167 2.322 1.876 1.501 1.272 1.11 0.9757 0.8828 "
    "0.8225 0.7468 0.6462 0.6081 0.572 0.5017 0.4849 0.4674 0.4506 0.4441 0.4266 0.4034 0.3987 0.3824 "
    "0.3599 0.3467 0.3329 0.3283 0.318 0.3047 0.2975 0.2854 0.273 0.2586 0.2432 0.2291 0.2132 0.1991 "
    "0.1838 0.1745 0.1653 0.1521 0.143 0.1259 0.1048 0.0855 0.07233 0.06393 0.05674 0.08506"
)

#: Mixtures whose own were measured by us, a file of this folder each: its name is what traces call the mixture.
MEASURED = ("tiny-moe",)


@dataclass(frozen=True, slots=True)
class Sensitivities:
    """Of each layer with experts.

    Attributes
    ----------
    source
        Whose they are, to be put behind "its sensitivities are".
    """

    values: tuple[float, ...]
    source: str


def sensitivities(mixture: str, layers: int) -> Sensitivities:
    """Those of a mixture, if they are known; else those of a Mixtral of as many layers.

    Where there is neither, those of Mixtral 8x7B at the same relative depth (ours, in the logarithm).

    Parameters
    ----------
    mixture
        What traces call it.
    layers
        Of it with experts.
    """
    if mixture in MEASURED:
        text = (resources.files(__package__) / f"{mixture}.json").read_text(encoding="utf-8")
        values = tuple(json.loads(text)["sensitivities"])
        if len(values) == layers:
            return Sensitivities(values, f"measured on {mixture} itself")
    for name, known in (("8x7B", MIXTRAL_8X7B), ("8x22B", MIXTRAL_8X22B)):
        if len(known) == layers:
            return Sensitivities(known, f"those of Mixtral {name}")
    depth, known_depth = np.linspace(0, 1, layers), np.linspace(0, 1, len(MIXTRAL_8X7B))
    between = np.exp(np.interp(depth, known_depth, np.log(MIXTRAL_8X7B)))
    return Sensitivities(
        tuple(float(value) for value in between),
        "those of Mixtral 8x7B at the same relative depth, not measured on this mixture",
    )
