"""Attention of a model on a device, as tests of this family need it."""

from ahasd.hardware.bonded.bonded_device import BondedDevice, change_bonded, load_bonded
from ahasd.sparse_attention.balance.mappings import build_mapping
from ahasd.sparse_attention.heads.head_class import HeadClass
from ahasd.sparse_attention.heads.shipped import shipped_pattern
from ahasd.sparse_attention.heads.split import HeadSplit
from ahasd.sparse_attention.pages.paging import Paging
from ahasd.sparse_attention.pages.selector import Sharing
from ahasd.sparse_attention.step.attention_step import Attention
from ahasd.sparse_attention.step.model_shape import ModelShape, shape_of
from ahasd.sparse_attention.step.page_choice import UniformChoice
from ahasd.workload.precision import Precision
from ahasd.workload.zoo import load_model

FP16 = Precision(16, 16, 16)


def shape(name: str = "llama-3.1-8b") -> ModelShape:
    return shape_of(load_model(name), FP16)


def attention(
    split: HeadSplit,
    mapping: str = "head-groups",
    paging: Paging | None = None,
    of: ModelShape | None = None,
    sharing: Sharing = "shared",
    tile: int = 256,
) -> Attention:
    of, paging = of or shape(), paging or Paging()
    choice = UniformChoice(paging, sharing, of.group, seed=0)
    return Attention(of, split, paging, sharing, build_mapping(mapping, tile), choice)


def llama(mapping: str, page: int = 16, sparse: bool = True) -> Attention:
    """Llama-3.1-8B, half of its heads streaming by DuoAttention's pattern, or dense."""
    split = HeadSplit.by_need(shipped_pattern("llama-3.1-8b"), 0.5, HeadClass.PAGED)
    return attention(split if sparse else HeadSplit.alike(32, 8, HeadClass.DENSE), mapping, Paging(page))


def device(**changes: object) -> BondedDevice:
    """The default device, with constants changed: ``banks__channels=2``."""
    found = load_bonded("hb-h2llm")
    for key, value in changes.items():
        found = change_bonded(found, key.replace("__", "."), value)
    return found


def traffic_only() -> BondedDevice:
    """A device on which nothing takes time but reading banks."""
    return device(
        routers__ideal=True, banks__append_ns=0, banks__channel_gb_s=1e9, npu__selection_g_per_second=1e9
    )
