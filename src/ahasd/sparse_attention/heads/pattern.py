"""How much each key-value head needs the whole context, as training or measurement has found it."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ahasd.errors import AhasdError
from ahasd.text_files import read_text

#: How far outside [0, 1] a trained gate may lie; those of the public tables do by less than a tenth of it (ours).
_OVERSHOOT = 0.01


@dataclass(frozen=True, eq=False)
class HeadPattern:
    """A table of layers and key-value heads.

    Parameters
    ----------
    name
        Of the model, or the file.
    need
        L×H float64 in [0, 1], made read-only: 1 is a head that needs the whole context (DuoAttention's gate alpha), 0
        one that makes do with the first and the last tokens. Gates that training has left up to 0.01 outside count as
        0 or 1, as DuoAttention clips them.
    source
        Where it comes from.

    Raises
    ------
    AhasdError
        The table is empty, or a value is outside [0, 1].
    """

    name: str
    need: npt.NDArray[np.float64]
    source: str

    def __post_init__(self) -> None:
        kept = np.array(self.need, np.float64)
        if kept.ndim != 2 or not kept.size:
            raise AhasdError(
                f"head pattern {self.name}: must have a row for each layer and a column for each head"
            )
        inside = (kept >= -_OVERSHOOT) & (kept <= 1 + _OVERSHOOT)
        if not inside.all():
            layer, head = np.argwhere(~inside)[0]
            raise AhasdError(
                f"head pattern {self.name}: layer {layer}, head {head} is {kept[layer, head]:g}; must be in [0, 1]"
            )
        kept = kept.clip(0, 1)
        kept.flags.writeable = False
        object.__setattr__(self, "need", kept)

    @property
    def layers(self) -> int:
        """Rows."""
        return int(self.need.shape[0])

    @property
    def heads(self) -> int:
        """Key-value heads of a layer."""
        return int(self.need.shape[1])

    def check_fits(self, model: str, layers: int, heads: int) -> None:
        """See that it is a pattern of a model of this shape.

        Raises
        ------
        AhasdError
            It is another model's.
        """
        if (self.layers, self.heads) != (layers, heads):
            raise AhasdError(
                f"head pattern {self.name} has {self.layers} layers of {self.heads} key-value heads, and {model} has "
                f"{layers} of {heads}: it is another model's. Give --heads a file of this model, or --heads even"
            )


def read_pattern(path: str | Path) -> HeadPattern:
    """Read DuoAttention's ``full_attention_heads.tsv``, or any table of numbers parted by tabs or spaces.

    A line is a layer, a column a key-value head.

    Raises
    ------
    AhasdError
        The file cannot be read, is empty, has rows of different lengths, or something that is no number in [0, 1].
    """
    rows: list[list[float]] = []
    for number, line in enumerate(read_text(path, "head pattern").splitlines(), 1):
        if line.strip():
            rows.append([_value(text, path, number) for text in line.split()])
            if len(rows[-1]) != len(rows[0]):
                raise AhasdError(
                    f"head pattern '{path}', line {number}: {len(rows[-1])} heads, and the lines before have "
                    f"{len(rows[0])}"
                )
    if not rows:
        raise AhasdError(f"head pattern '{path}' is empty; it must have a line for each layer")
    return HeadPattern(Path(path).name, np.array(rows), f"the file {Path(path).name}")


def pattern_text(pattern: HeadPattern) -> str:
    """Lay a pattern out as :func:`read_pattern` reads it; a needed head never becomes 0 by rounding."""
    return "".join("\t".join(f"{value:.6g}" for value in row) + "\n" for row in pattern.need.tolist())


def _value(text: str, path: str | Path, line: int) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise AhasdError(
            f"head pattern '{path}', line {line}: '{text[:20]}' is no number; a line has one number for each "
            "key-value head, parted by tabs"
        )
    return value
