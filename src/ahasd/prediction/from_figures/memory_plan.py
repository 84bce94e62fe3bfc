"""What of a plan fits a device: the target alone, and each way to draft."""

from collections.abc import Sequence
from dataclasses import dataclass

from ahasd.errors import AhasdError
from ahasd.hardware.measured.devices.usable_memory import usable_memory
from ahasd.prediction.from_figures.memory_fit import (
    MemoryFit,
    MemoryNeed,
    memory_fit,
    memory_need,
    pass_with_displaced,
    sold_sizes,
)
from ahasd.prediction.from_figures.model_shape import GIGA
from ahasd.prediction.from_figures.setting import DraftMethod, Setting
from ahasd.prediction.from_figures.target_alone import step_figures


@dataclass(frozen=True, slots=True)
class Displaced:
    """A way to draft that does not fit beside the target.

    Attributes
    ----------
    layers
        Of the target that would go elsewhere, on the largest device.
    slower
        A pass then over one without, at least, where they go to a CPU of a usual speed; None where the device has no
        memory of its own, so that they would go to its own CPU or to disk.
    """

    layers: int
    slower: float | None


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """Needs, and the sizes that the device is sold with.

    Attributes
    ----------
    needs
        By method; None is the target alone.
    fits
        Of the method that needs most, for every size, the smallest first; none where sizes are not known.
    displaced
        Methods that do not fit the largest size.
    counted
        Bytes of the device that count for the prediction; None where not known.
    """

    needs: dict[DraftMethod | None, MemoryNeed]
    fits: tuple[MemoryFit, ...]
    displaced: dict[DraftMethod, Displaced]
    counted: float | None


def plan_memory(
    setting: Setting, methods: Sequence[DraftMethod], context: int, memory: float | None
) -> MemoryPlan:
    """Hold every method against the device.

    Raises
    ------
    AhasdError
        The target does not fit, or no method does.
    """
    alone = memory_need(setting, None, context)
    needs: dict[DraftMethod | None, MemoryNeed] = {None: alone}
    needs |= {method: memory_need(setting, method, context) for method in methods}
    sizes = sold_sizes(setting, memory)
    if not sizes:
        return MemoryPlan(needs, (), {}, None)
    most = max(methods, key=lambda method: needs[method].total)
    largest = {method: memory_fit(setting, sizes[-1], alone, needs[method]) for method in methods}
    if not largest[most].alone:
        raise AhasdError(f"{_sum(alone)} {_too_much(setting, sizes[-1])}")
    displaced = {
        method: Displaced(fit.displaced_layers, _slower(setting, fit))
        for method, fit in largest.items()
        if not fit.drafting
    }
    if len(displaced) == len(methods):
        layers = displaced[most].layers
        raise AhasdError(
            f"{_sum(needs[most])} {_too_much(setting, sizes[-1])}; with {most}, {layers} of "
            f"{setting.target.layers:.0f} layers of the target would go to the CPU or to disk. Leave the draft out"
        )
    fits = tuple(memory_fit(setting, size, alone, needs[most]) for size in sizes)
    return MemoryPlan(needs, fits, displaced, sizes[-1])


def _slower(setting: Setting, fit: MemoryFit) -> float | None:
    step = step_figures(setting).step(setting.target)
    if fit.memory.why or step is None:
        return None
    return pass_with_displaced(setting, step, fit.displaced_layers)


def _sum(need: MemoryNeed) -> str:
    return " + ".join(f"{name} {size / GIGA:.1f} GB" for name, size in need.parts)


def _too_much(setting: Setting, sold: float) -> str:
    memory = usable_memory(setting.devices[0], sold)
    left = f", of which {memory.usable / GIGA:.1f} GB are usable" if memory.why else ""
    return (
        f"do not fit {sold / GIGA:.0f} GB{left}; take fewer bits per weight, a shorter --context, a smaller model or "
        "a device with more memory"
    )
