"""Published means to set beside our own tables."""

from ahasd.claims.ahasd import published as ahasd
from ahasd.claims.published import PublishedRatio

#: Pairs, and a paper's means over them.
_MEANS: tuple[tuple[frozenset[str], tuple[PublishedRatio, ...]], ...] = (
    (ahasd.MEAN_OVER, (*ahasd.OVER_NPU, *ahasd.OVER_GPU)),
)


def published_mean(pair: str, system: str, reference: str, speculates: bool = True) -> PublishedRatio | None:
    """The published mean to set beside a ratio of ours; None where there is none.

    Parameters
    ----------
    pair
        Of ours; means say nothing of other pairs than their own.
    speculates
        Whether ours drafts, as the papers' systems all do.
    """
    known = (ratio for pairs, ratios in _MEANS if speculates and pair in pairs for ratio in ratios)
    return next((ratio for ratio in known if (ratio.system, ratio.reference) == (system, reference)), None)
