"""What the rest of a network costs and errs at least, for prices of a byte: Lagrange's bound."""

import numpy as np

from ahasd.private_inference.network.lowering import signed_ring
from ahasd.private_inference.precision.choices import CHOICES, RINGS, Floats, Problem

_COUNT = len(CHOICES)


def bounds(problem: Problem, prices: Floats, errors: bool = True) -> list[Floats]:
    """Of the rest from each layer on: least error + price x cost, by width read, kept ring and price."""
    ahead = np.zeros((_COUNT, RINGS, prices.size))
    found = [ahead]
    for place in reversed(range(len(problem.layers))):
        ahead = _step_back(problem, place, prices, ahead, errors)
        found.append(ahead)
    return found[::-1]


def _step_back(problem: Problem, place: int, prices: Floats, ahead: Floats, errors: bool) -> Floats:
    table = problem.layers[place]
    own = table.errors[:, :, None] if errors else np.zeros((*table.errors.shape, 1))
    # w x a x n x price
    priced = own[:, :, :, None] + table.costs[:, :, :, None] * prices
    if table.layer.on_kept:
        # The kept value's ring tells its width; what replaces it has the same.
        least = priced[:, :, 0].min(axis=0)
        result = np.full_like(ahead, np.inf)
        for k, bits in enumerate(CHOICES):
            result[:, signed_ring(bits)] = least[k] + ahead[:, signed_ring(bits)]
        return result
    if table.kept_costs is not None:
        # Ring x w x a x price; nothing after it depends on the kept ring.
        extended = table.kept_costs[:, table.rings][..., None] * prices
        rest = ahead[:, 0] if priced.shape[2] == _COUNT else ahead[:1, 0]
        after = (priced + rest).min(axis=2)
        least = (extended + after).min(axis=1)
        return np.ascontiguousarray(least.transpose(1, 0, 2))
    if table.layer.keeps_input:
        result = np.full((_COUNT, prices.size), np.inf)
        for w in range(_COUNT):
            for a in range(_COUNT):
                rest = ahead[:, ring_kept(problem, place, w, a)]
                rest = rest if priced.shape[2] == _COUNT else rest[:1]
                result[a] = np.minimum(result[a], (priced[w, a] + rest).min(axis=0))
        return np.repeat(result[:, None], RINGS, axis=1)
    least = priced.min(axis=0)
    if least.shape[1] == 1:
        alone: Floats = least[:, :1] + ahead[:1]
        return alone
    result = np.full_like(ahead, np.inf)
    for n in range(_COUNT):
        result = np.minimum(result, least[:, n, None] + ahead[n])
    return result


def ring_kept(problem: Problem, place: int, w: int, a: int) -> int:
    """Ring that tells of a kept value all that later layers need: its width, if a projection reads it."""
    for later in problem.layers[place + 1 :]:
        if later.layer.on_kept:
            return signed_ring(CHOICES[a])
        if later.layer.adds_kept:
            break
    return problem.kept_ring(place, w, a)
