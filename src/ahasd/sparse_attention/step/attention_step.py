"""Attention of one decode step on a bonded device."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ahasd.hardware.bonded.bonded_device import BondedDevice
from ahasd.sparse_attention.balance.bank_loads import BankLoads
from ahasd.sparse_attention.balance.layer_items import LayerItems
from ahasd.sparse_attention.balance.mapping import Mapping
from ahasd.sparse_attention.heads.head_class import HeadClass
from ahasd.sparse_attention.heads.split import HeadSplit
from ahasd.sparse_attention.pages.paging import Paging
from ahasd.sparse_attention.pages.selector import Sharing
from ahasd.sparse_attention.step.layer_time import LayerTime, layer_time
from ahasd.sparse_attention.step.model_shape import ModelShape
from ahasd.sparse_attention.step.movement import Choices
from ahasd.sparse_attention.step.page_choice import PageChoice


@dataclass(frozen=True, eq=False, slots=True)
class Attention:
    """How a model attends: what its heads read, and where that lies."""

    shape: ModelShape
    split: HeadSplit
    paging: Paging
    sharing: Sharing
    mapping: Mapping
    choice: PageChoice


@dataclass(frozen=True, eq=False, slots=True)
class AttentionStep:
    """What one step takes.

    Attributes
    ----------
    loads, times
        Layer by layer.
    bank_bytes
        B: read by each bank, of all layers.
    """

    loads: tuple[BankLoads, ...]
    times: tuple[LayerTime, ...]
    bank_bytes: npt.NDArray[np.float64]

    @property
    def seconds(self) -> float:
        """Of all layers, one behind the other."""
        return sum(time.seconds for time in self.times)

    @property
    def bank_seconds(self) -> npt.NDArray[np.float64]:
        """L×B: how long each bank works."""
        return np.array([time.bank_seconds for time in self.times])

    @property
    def straggling(self) -> float:
        """Time that the busiest bank of each layer works, over that of the mean bank: 1 is balanced."""
        busy = self.bank_seconds
        return float(busy.max(axis=1).sum() / busy.mean(axis=1).sum())


def attention_step(
    attention: Attention, device: BondedDevice, requests: int, context: int, step: int = 0
) -> AttentionStep:
    """Cost attention of one decode step.

    Parameters
    ----------
    requests
        Texts that are decoded together.
    context
        Tokens of each, the newest included, which is appended in this step.
    step
        Number of the step, for the choice of pages.
    """
    loads = tuple(
        attention.mapping.spread(_items(attention, layer, requests, context, step), device.bank_count)
        for layer in range(attention.shape.layers)
    )
    paging, group = attention.paging, attention.shape.group
    sets, queries = (1, group) if attention.sharing == "shared" else (group, 1)
    candidates, tokens = len(paging.candidates(context)), paging.chosen(context) * paging.page
    paged = (attention.split.in_layers(HeadClass.PAGED) * requests).tolist()
    times = tuple(
        layer_time(attention.shape, device, one, Choices(items * sets, candidates, tokens, queries))
        for one, items in zip(loads, paged, strict=True)
    )
    bank_bytes = sum((one.work for one in loads), np.zeros(device.bank_count)) * attention.shape.token_bytes
    return AttentionStep(loads, times, bank_bytes)


def _items(attention: Attention, layer: int, requests: int, context: int, step: int) -> LayerItems:
    classes = tuple(attention.split.classes[layer].tolist())
    paged = [head for head, one in enumerate(classes) if one == HeadClass.PAGED]
    chosen = tuple(
        attention.choice.pages(step, layer, head, request, context)
        for request in range(requests)
        for head in paged
    )
    return LayerItems(layer, classes, requests, context, attention.paging, chosen)
