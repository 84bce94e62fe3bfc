"""Whether weights, caches and a draft fit a device, and what is displaced if they do not."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from ahasd.hardware.measured.devices.usable_memory import UsableMemory, usable_memory
from ahasd.prediction.from_figures.setting import DraftMethod, Setting
from ahasd.prediction.from_figures.target_alone import step_figures, typical_peak

#: What a program takes besides: the device's context, and buffers of a batch of 512 tokens, of which the logits of
#: 150,000 tokens alone are 0.3 GB (ours).
PROGRAM_BYTES = 0.8e9


@dataclass(frozen=True, slots=True)
class MemoryNeed:
    """Bytes that a way to decode takes.

    Attributes
    ----------
    context
        Tokens that the caches hold.
    parts
        Names and bytes; the first is the target's weights.
    """

    context: int
    parts: tuple[tuple[str, float], ...]

    @property
    def total(self) -> float:
        """All of it."""
        return sum(size for _, size in self.parts)


@dataclass(frozen=True, slots=True)
class MemoryFit:
    """One size that a device is sold with, held against what is needed.

    Attributes
    ----------
    alone, drafting
        Whether the target fits by itself, and with what drafts.
    displaced_layers
        Layers of the target that go elsewhere (to the CPU, or to disk) when the draft is loaded too; 0 if all fits.
    """

    memory: UsableMemory
    alone: bool
    drafting: bool
    displaced_layers: int


def memory_need(setting: Setting, method: DraftMethod | None, context: int) -> MemoryNeed:
    """What a method takes; None for the target alone."""
    target = setting.target
    parts = [
        ("target", target.stored_bytes or 0.0),
        ("its cache", target.cache_bytes(context)),
        ("program", PROGRAM_BYTES),
    ]
    if method == "draft-model" and setting.draft is not None:
        parts += [
            ("draft", setting.draft.stored_bytes or 0.0),
            ("its cache", setting.draft.cache_bytes(context)),
        ]
    if setting.head is not None and method == setting.head.method:
        parts += [("head", setting.head.stored_bytes), ("its cache", setting.head.cache_bytes(context))]
    elif method in ("mtp", "eagle", "dflash", "dspark"):
        parts.append(("head", (target.stored_bytes or 0.0) / target.layers))  # a layer of the target's kind
    return MemoryNeed(context, tuple(parts))


def memory_fit(setting: Setting, sold: float, alone: MemoryNeed, drafting: MemoryNeed) -> MemoryFit:
    """Hold both needs against a device with so many bytes."""
    memory = usable_memory(setting.devices[0], sold)
    room = memory.usable * setting.processors
    weights = alone.parts[0][1]
    excess = max(0.0, drafting.total - room)
    layers = ceil(setting.target.layers * excess / weights) if excess and weights else 0
    return MemoryFit(memory, alone.total <= room, drafting.total <= room, layers)


def sold_sizes(setting: Setting, chosen: float | None) -> Sequence[float]:
    """Sizes to hold needs against: the chosen one, or all that a device is sold with, the smallest first."""
    return (
        [chosen] if chosen is not None else sorted(setting.devices[0].capacities) if setting.devices else []
    )


def pass_with_displaced(setting: Setting, step_s: float, layers: int) -> float:
    """What a pass takes at least when some layers are read by a CPU of a usual peak, over one without such layers.

    Arithmetic of further rows on the CPU, and what else uses its memory, come on top.
    """
    moved = (setting.target.read_bytes or 0.0) * min(1.0, layers / setting.target.layers)
    slower = max(0.0, 1 / typical_peak("cpu") - step_figures(setting).seconds_per_byte)
    return 1 + moved * slower / step_s
