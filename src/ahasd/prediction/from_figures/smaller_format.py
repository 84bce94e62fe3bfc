"""The lever beside drafting: the same target in fewer bits."""

from dataclasses import dataclass, replace

from ahasd.prediction.from_figures.model_figures import ModelFigures
from ahasd.prediction.from_figures.setting import Setting
from ahasd.prediction.from_figures.target_alone import step_figures

#: Usual formats, the widest first, with their bits per weight, and what MLX calls them.
_FORMATS: tuple[tuple[float, str, str], ...] = (
    (8.5, "Q8_0", "8bit"),
    (5.0, "Q4_K_M", "4bit"),
    (4.0, "Q3_K_M", "3bit"),
)

#: Formats at least so much narrower than the target's are another one.
_NARROWER = 0.9


@dataclass(frozen=True, slots=True)
class SmallerFormat:
    """The target alone in the next narrower format.

    Attributes
    ----------
    name
        As the program calls it.
    speed_up
        Over the target alone in its own format, by the bytes that a step reads; unpacking counts as no dearer.
    stored_bytes
        Of its weights.
    """

    name: str
    speed_up: float
    stored_bytes: float


def smaller_format(setting: Setting) -> SmallerFormat | None:
    """The next narrower usual format; None where there is none."""
    target = setting.target
    narrower = [
        (bits, mlx if setting.platform == "mlx" else name)
        for bits, name, mlx in _FORMATS
        if bits < _NARROWER * target.weight_bits
    ]
    if not narrower or target.stored_bytes is None:
        return None
    bits, name = narrower[0]
    steps = step_figures(setting)
    smaller = _in_bits(target, bits)
    own, less = steps.step(target), steps.step(smaller)
    if own is None or less is None or smaller.stored_bytes is None:
        return None
    return SmallerFormat(name, own / less, smaller.stored_bytes)


def _in_bits(model: ModelFigures, bits: float) -> ModelFigures:
    stored = (model.stored_bytes or 0.0) * bits / model.weight_bits
    return replace(model, weight_bits=bits, stored_bytes=stored, token_bytes=None)
