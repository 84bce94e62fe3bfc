"""How the tokens of several rows lie in one pass: packed for products, padded for attention."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.batched.passes.batched_runner import RowTokens


@dataclass(frozen=True, slots=True)
class Layout:
    """Indices of a pass. Products run over packed tokens alone; only attention pads rows, on the right.

    Parameters
    ----------
    tokens, rows, places, positions
        Of every packed token: its id, its row, its slot in that row, its rotary position; int64 (tokens,).
    first, last
        Rows from first to before last take part in the attention, those between that are not fed too.
    width
        Tokens of the longest fed row.
    end
        Slots of the longest row behind the pass.
    padded
        Which packed token stands at each padded place, int64 ((last − first) · width,); None where nothing is padded.
    packed
        Padded place of every packed token, (tokens,); None where nothing is padded.
    mask
        Added to scores, (last − first, 1, width, end): 0 where a token is seen, −inf where not; None for one fresh
        row, which is causal.
    wanted
        Packed tokens whose logits are wanted, (wanted,); None for all.
    """

    tokens: Any
    rows: Any
    places: Any
    positions: Any
    first: int
    last: int
    width: int
    end: int
    padded: Any
    packed: Any
    mask: Any
    wanted: Any


def lay_out(fed: Sequence[RowTokens], lengths: Sequence[int], dtype: Any, device: Any) -> Layout:
    """Lay out a pass.

    Parameters
    ----------
    fed
        By ascending row.
    lengths
        Cached tokens of every row.
    dtype, device
        Of the mask, and of all.
    """
    first, last = fed[0].row, fed[-1].row + 1
    counts = [len(each.tokens) for each in fed]
    width = max(counts)
    end = max(max(lengths[first:last]), max(lengths[each.row] + len(each.tokens) for each in fed))
    places = [
        place for each in fed for place in range(lengths[each.row], lengths[each.row] + len(each.tokens))
    ]
    positions = [
        position
        for each in fed
        for position in (each.positions or range(lengths[each.row], lengths[each.row] + len(each.tokens)))
    ]
    regular = len(fed) == last - first and min(counts) == width
    packed = [(each.row - first) * width + offset for each in fed for offset in range(len(each.tokens))]
    padded = [0] * ((last - first) * width)
    for index, place in enumerate(packed):
        padded[place] = index
    wanted: list[int] = []
    behind = 0
    for each, count in zip(fed, counts, strict=True):
        behind += count
        wanted += range(behind - each.wanted, behind)

    def tensor(values: list[int]) -> Any:
        return torch.tensor(values, dtype=torch.long, device=device)

    return Layout(
        tokens=tensor([token for each in fed for token in each.tokens]),
        rows=tensor([each.row for each in fed for _ in each.tokens]),
        places=tensor(places),
        positions=tensor(positions),
        first=first,
        last=last,
        width=width,
        end=end,
        padded=None if regular else tensor(padded),
        packed=None if regular else tensor(packed),
        mask=_mask(fed, lengths, first, last, width, end, dtype, device),
        wanted=None if len(wanted) == sum(counts) else tensor(wanted),
    )


def staying(layout: Layout, places: Sequence[int]) -> Layout:
    """Lay out what stays of a pass behind cached texts.

    Parameters
    ----------
    places
        Of the packed tokens that stay, ascending, at least one of each row.
    """
    device, rows = layout.tokens.device, layout.last - layout.first
    chosen = torch.tensor(list(places), dtype=torch.long, device=device)
    own_rows = (layout.rows[chosen] - layout.first).tolist()
    offsets: list[int] = []
    counts = [0] * rows
    for row in own_rows:
        offsets.append(counts[row])
        counts[row] += 1
    width = max(counts)
    packed = [row * width + offset for row, offset in zip(own_rows, offsets, strict=True)]
    padded = torch.zeros(rows * width, dtype=torch.long, device=device)
    at = torch.tensor(packed, dtype=torch.long, device=device)
    padded[at] = torch.arange(len(packed), device=device)
    before = chosen if layout.packed is None else layout.packed[chosen]
    # What stands for no token sees everything, so that its sum is not 0.
    mask = layout.mask.new_zeros(rows * width, layout.end)
    mask[at] = layout.mask.flatten(0, 2)[before]
    regular = len(packed) == rows * width
    return Layout(
        tokens=layout.tokens[chosen],
        rows=layout.rows[chosen],
        places=layout.places[chosen],
        positions=layout.positions[chosen],
        first=layout.first,
        last=layout.last,
        width=width,
        end=layout.end,
        padded=None if regular else padded,
        packed=None if regular else at,
        mask=mask.view(rows, 1, width, layout.end),
        wanted=None,
    )


def _mask(
    fed: Sequence[RowTokens],
    lengths: Sequence[int],
    first: int,
    last: int,
    width: int,
    end: int,
    dtype: Any,
    device: Any,
) -> Any:
    if len(fed) == 1 and fed[0].sees is None and lengths[first] == 0:
        return None
    # The last slot that each padded place sees; what stands for no token sees slot 0, so that its sum is not 0.
    limits = [[0] * width for _ in range(last - first)]
    for each in fed:
        start = lengths[each.row]
        limits[each.row - first] = [start + min(offset, len(each.tokens) - 1) for offset in range(width)]
    slots = torch.arange(end, device=device)
    hidden = slots > torch.tensor(limits, device=device)[:, :, None]
    for each in fed:
        if each.sees is not None:
            count, start = len(each.tokens), lengths[each.row]
            sees = torch.as_tensor(each.sees, dtype=torch.bool, device=device)
            hidden[each.row - first, :count, start:] = True
            hidden[each.row - first, :count, start : start + count] = ~sees
    mask = torch.zeros(hidden.shape, dtype=dtype, device=device)
    return mask.masked_fill_(hidden, -torch.inf)[:, None]
