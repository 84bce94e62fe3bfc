"""Layers of two kinds in one model, mostly with a window and without."""

from collections import Counter
from collections.abc import Sequence

from ahasd.errors import AhasdError
from ahasd.workload.readers.families.common import Values
from ahasd.workload.readers.fields import ConfigReader

#: Kinds of layers, as `layer_types` of `transformers` spells them.
SLIDING, FULL = "sliding_attention", "full_attention"
#: Names of the groups of layers of each kind.
NAMES = {SLIDING: "sliding_layer", FULL: "full_layer"}


def every(layers: int, period: int, last: str = FULL, others: str = SLIDING) -> list[str]:
    """Kinds of layers of which each `period`-th is another than those between."""
    return [last if (index + 1) % period == 0 else others for index in range(layers)]


def stated_or(reader: ConfigReader, default: Sequence[str]) -> list[str]:
    """Kinds of layers as the file says, else those given.

    Raises
    ------
    AhasdError
        The file does not name a kind for each layer.
    """
    stated = reader.contents.get("layer_types")
    if stated is None:
        return list(default)
    if len(stated) != len(default):
        raise AhasdError(
            f"{reader.origin}: field 'layer_types' names {len(stated)} layers, and there are {len(default)}"
        )
    return [str(kind) for kind in stated]


def with_windows(
    reader: ConfigReader,
    values: Values,
    kinds: Sequence[str],
    sliding: Values | None = None,
    full: Values | None = None,
    window: str = "sliding_window",
) -> Values:
    """Values of a model whose layers are of these kinds.

    Parameters
    ----------
    reader, values
        The file, and what all layers have in common.
    kinds
        Of each layer.
    sliding, full
        What layers of a kind have of their own, beside the window.
    window
        The field that says how many entries the sliding ones attend to.
    """
    own = {FULL: full or {}}
    if SLIDING in kinds:
        own[SLIDING] = {"sliding_window": reader.integer(window)} | (sliding or {})
    return by_layer(values, [{"name": NAMES[kind]} | own[kind] for kind in kinds])


def by_layer(values: Values, layers: Sequence[Values]) -> Values:
    """Values of a model of such layers: in groups of equal ones, or plain where all are equal.

    Each layer has a name and what differs from `values`; layers that are not equal get different names.
    """
    groups: list[tuple[Values, int]] = []
    for layer in layers:
        place = next((index for index, (known, _) in enumerate(groups) if known == layer), len(groups))
        count = groups[place][1] if place < len(groups) else 0
        groups[place : place + 1] = [(layer, count + 1)]
    if len(groups) == 1:
        return values | {field: value for field, value in groups[0][0].items() if field != "name"}
    taken: Counter[str] = Counter()
    named = []
    for layer, count in groups:
        taken[layer["name"]] += 1
        number = taken[layer["name"]]
        name = layer["name"] if number == 1 else f"{layer['name']}_{number}"
        named.append(layer | {"name": name, "layers": count})
    return values | {"layer_groups": named}
