"""Models and settings that take no time."""

import numpy as np

from ahasd.decoding.models.llama_weights import LlamaWeights
from ahasd.decoding.sparse_attention.settings import SparseSettings, sparse_weights
from ahasd.sparse_attention.heads.head_class import HeadClass
from ahasd.sparse_attention.heads.split import HeadSplit
from ahasd.sparse_attention.pages.paging import Paging
from ahasd.sparse_attention.pages.selector import Sharing, TopPages
from ahasd.sparse_attention.pages.window import Window

from ..small_models import random_model


def grouped_weights(**given):
    """Two layers of four query heads on two key-value heads."""
    return sparse_weights(random_model(num_key_value_heads=2, **given))


def mixed(weights: LlamaWeights) -> HeadSplit:
    """Heads of all classes, as many as there are."""
    layers, heads = len(weights.layers), weights.key_value_heads
    return HeadSplit(np.resize([HeadClass.PAGED, HeadClass.STREAMING, HeadClass.DENSE], (layers, heads)))


def settings(
    split: HeadSplit,
    budget: int = 24,
    page: int = 8,
    window: Window | None = None,
    sharing: Sharing = "shared",
) -> SparseSettings:
    return SparseSettings(split, TopPages(Paging(page, budget, window or Window(4, 12))), sharing)


def some_tokens(count: int, vocabulary: int = 61, seed: int = 0) -> list[int]:
    return np.random.default_rng(seed).integers(0, vocabulary, count).tolist()
