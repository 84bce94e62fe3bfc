"""Presets of processors that people own: their documents, and which one a name means."""

import re
from functools import cache
from typing import Any

from ahasd.errors import AhasdError
from ahasd.hardware.measured.devices.find_device import find_device, matching_devices
from ahasd.hardware.preset.builtin import builtin_document, laid_over
from ahasd.hardware.preset.owned.gpu_document import gpu_document
from ahasd.hardware.preset.owned.listed_documents import cpu_document, npu_document
from ahasd.hardware.preset.owned.listed_processors import listed_processors
from ahasd.hardware.preset.owned.owned_gpus import owned_gpus
from ahasd.hardware.preset.owned.owned_processor import (
    GROUPS,
    Kind,
    ListedProcessor,
    OwnedGpu,
    OwnedProcessor,
)

#: Words of a name that say which of a device's processors is meant.
_KINDS: dict[str, Kind] = {
    "npu": "NPU",
    "ane": "NPU",
    "hexagon": "NPU",
    "neural engine": "NPU",
    "cpu": "CPU",
    "gpu": "GPU",
}


@cache
def owned_processors() -> tuple[OwnedProcessor, ...]:
    """All of them, group by group, those of one device together."""
    found: list[OwnedProcessor] = [*owned_gpus(), *listed_processors()]
    order = {processor.name: place for place, processor in enumerate(owned_gpus())}
    first = {gpu.device: place for place, gpu in enumerate(owned_gpus())}

    def key(processor: OwnedProcessor) -> tuple[int, int]:
        place = order.get(processor.name, first.get(processor.device, len(order)))
        return GROUPS.index(processor.group), place

    return tuple(sorted(found, key=key))


@cache
def owned_names() -> dict[str, OwnedProcessor]:
    """Processors by the names of their presets."""
    return {processor.name: processor for processor in owned_processors()}


@cache
def owned_document(name: str) -> dict[str, Any]:
    """The document of a preset, not to be changed."""
    processor = owned_names()[name]
    if isinstance(processor, OwnedGpu):
        return laid_over(builtin_document("_gpu"), gpu_document(processor))
    assert isinstance(processor, ListedProcessor), "a processor is a GPU of the table or in the list"
    if processor.kind == "CPU":
        return laid_over(builtin_document("_gpu"), cpu_document(processor))
    return laid_over(builtin_document("_platform"), npu_document(processor))


def find_processor(text: str) -> OwnedProcessor | None:
    """The processor that a name means; None where it means no device at all.

    A device's GPU is meant, or what it has in its place, unless the name says "NPU" or "CPU".

    Raises
    ------
    AhasdError
        It fits several devices, or one that has no such processor or no figure to make a preset of.
    """
    plain = text.lower()
    named = owned_names().get(plain) or owned_names().get("-".join(re.findall(r"[a-z0-9]+", plain)))
    if named is not None:
        return named
    # "60-core" chooses among variants of a part, also where dashes join the words.
    words = re.sub(r"(\d+) core", r"\1-core", plain.replace("-", " "))
    said = plain if matching_devices(plain) else words
    fitting = matching_devices(said)
    if not fitting:
        return None
    kind = _kind(words)
    processors = [each for each in owned_processors() if each.device in {device.name for device in fitting}]
    if kind in ("NPU", "CPU"):
        # Variants that differ in their GPUs have one of them.
        chosen = [each for each in processors if each.kind == kind]
        if len(chosen) == 1:
            return chosen[0]
    device = find_device(said)
    having = [each for each in processors if each.device == device.name]
    chosen = [each for each in having if kind is None or each.kind == kind]
    if chosen:
        return chosen[0]
    if not having:
        raise AhasdError(
            f"'{text}': of {device.name} no bandwidth is published, so it cannot be simulated; write a hardware file "
            "with what you know of it, based on a similar preset (ahasd hardware)"
        )
    names = ", ".join(each.name for each in having)
    raise AhasdError(f"'{text}': nothing is published of the {kind} of {device.name}; what is: {names}")


def _kind(words: str) -> Kind | None:
    """The kind of processor that a name says; "40-core GPU" tells variants apart and says none."""
    said = re.sub(r"core gpu", "", words)
    return next((kind for word, kind in _KINDS.items() if re.search(rf"\b{word}\b", said)), None)
