"""How many slots each layer gets out of one budget: evenly, or where they save most loads (AdapMoE)."""

from collections.abc import Sequence

from ahasd.errors import AhasdError


def even(total: int, layers: int) -> list[int]:
    """Share slots out evenly; the first layers have one more where they do not come out even."""
    each, left = divmod(total, layers)
    return [each + (layer < left) for layer in range(layers)]


def expected_loads(single: float, foreseen: float, slots: int, experts: int = 8) -> float:
    """Loads that a token waits for in a layer with two experts to a token, if all are chosen alike.

    The formula of AdapMoE's public code (arXiv 2408.10284): of n experts k are resident; b is the chance that the
    first missing one was foreseen and is there in time. One expert, in a share a of tokens: it is missing with
    chance 1 - k/n. Two: both are missing with chance (n-k)(n-k-1)/(n(n-1)), one of them with 2 k (n-k)/(n(n-1)).

    Parameters
    ----------
    single
        Share of tokens that take one expert only.
    foreseen
        Chance that the expert that is missing first was fetched ahead.
    """
    slots = min(slots, experts)
    pairs, missing = experts * (experts - 1), experts - slots
    both, either = missing * (missing - 1) / pairs, 2 * missing * slots / pairs
    of_one = missing / experts * (1 - foreseen)
    of_two = 2 * both * (1 - foreseen) + both * foreseen + either * (1 - foreseen)
    return single * of_one + (1 - single) * of_two


def allocate(loads: Sequence[Sequence[float]], total: int) -> list[int]:
    """Share slots out so that the loads of all layers together are fewest, each layer with one at least.

    Dynamic programme over layers and slots, as AdapMoE's.

    Parameters
    ----------
    loads
        By layer, loads with 0, 1, 2, … slots; with more slots than are listed as with the most.
    total
        Slots of all layers.

    Returns
    -------
    list of int
        By layer; together ``total``, or less where all layers have all that they can use.

    Raises
    ------
    AhasdError
        There are fewer slots than layers.
    """
    if total < len(loads):
        raise AhasdError(f"{total} slots are fewer than the {len(loads)} layers, each of which needs one")
    least, choices = [0.0] + [float("inf")] * total, []
    for of_layer in loads:
        most = len(of_layer) - 1
        now, chosen = [float("inf")] * (total + 1), [0] * (total + 1)
        for used in range(1, total + 1):
            for own in range(1, min(most, used) + 1):
                together = least[used - own] + of_layer[own]
                if together < now[used]:
                    now[used], chosen[used] = together, own
        least = now
        choices.append(chosen)
    used = min(range(total + 1), key=lambda slots: (least[slots], -slots))
    sizes = []
    for chosen in reversed(choices):
        sizes.append(chosen[used])
        used -= chosen[used]
    return sizes[::-1]
