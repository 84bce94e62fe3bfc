"""Nodes that run back to back, as what they take and give back along the way."""

from collections.abc import Callable
from typing import NamedTuple


class Segment(NamedTuple):
    """A stretch of a macro after which blocks from outside may be given back.

    Attributes
    ----------
    peak
        The most bytes that live during it, over those that live at its begin.
    net
        Bytes that live at its end, over those at its begin, before anything from outside is given back.
    freed
        Blocks from outside whose last use here is at its end; they are given back if no other macro still needs them.
    overwritten, peak_in_place
        Those among them of which any, if given back, is overwritten by what is made; and the most that lives then.
    """

    peak: int
    net: int
    freed: tuple[int, ...] = ()
    overwritten: tuple[int, ...] = ()
    peak_in_place: int = 0


class Run(NamedTuple):
    """What running a macro does to the bytes that live.

    Attributes
    ----------
    peak, net
        The most during it, and what remains at its end, over the bytes that live before.
    """

    peak: int
    net: int


Segments = tuple[Segment, ...]


def run(segments: Segments, size: list[int], last: Callable[[int], bool]) -> Run:
    """Go through a macro.

    Parameters
    ----------
    segments
        Of the macro.
    size
        Bytes by block.
    last
        Whether a block from outside is given back after its last use here.
    """
    peak = live = 0
    for segment in segments:
        in_place = segment.overwritten and any(map(last, segment.overwritten))
        peak = max(peak, live + (segment.peak_in_place if in_place else segment.peak))
        live += segment.net
        for block in segment.freed:
            if last(block):
                live -= size[block]
    return Run(peak, live)


def joined(first: Segments, second: Segments, size: list[int], inner: set[int]) -> Segments:
    """Two macros, one right after the other.

    Parameters
    ----------
    first, second
        Their segments.
    size
        Bytes by block.
    inner
        Blocks from outside of either that, once both are one, nothing else makes or needs:
        they are given back for certain where they are used last.
    """
    again = {block for segment in second for block in segment.freed}
    merged: list[Segment] = []
    for number, segment in enumerate((*first, *second)):
        freed = [block for block in segment.freed if number >= len(first) or block not in again]
        certain = sum(size[block] for block in freed if block in inner)
        overwritten = tuple(block for block in segment.overwritten if block in freed)
        peak = segment.peak
        if not inner.isdisjoint(overwritten):
            overwritten, peak = (), segment.peak_in_place
        maybe = tuple(block for block in freed if block not in inner)
        merged.append(Segment(peak, segment.net - certain, maybe, overwritten, segment.peak_in_place))
    return compressed(merged)


def compressed(segments: list[Segment]) -> Segments:
    """The same with as few segments as there are places at which blocks from outside may be given back."""
    found: list[Segment] = []
    for segment in segments:
        if found and not found[-1].freed:
            before = found.pop()
            segment = segment._replace(
                peak=max(before.peak, before.net + segment.peak),
                net=before.net + segment.net,
                peak_in_place=max(before.peak, before.net + segment.peak_in_place),
            )
        found.append(segment)
    return tuple(found)
