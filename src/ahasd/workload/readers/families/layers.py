"""Layers of several kinds, told one by one and put together into groups of equal ones."""

from collections import Counter
from collections.abc import Iterable

from ahasd.errors import AhasdError
from ahasd.workload.blocks.decoder import LAYER
from ahasd.workload.layer_group import LayerGroup
from ahasd.workload.readers.fields import ConfigReader


def grouped_layers(layers: Iterable[LayerGroup]) -> tuple[LayerGroup, ...]:
    """Put equal layers together, in the order in which their kinds first occur.

    Parameters
    ----------
    layers
        Every layer of a model as a group of one, named after its kind; where all are equal they are just layers.

    Examples
    --------
    >>> whole = LayerGroup(name="layer", layers=1)
    >>> windowed = LayerGroup(name="windowed_layer", layers=1, sliding_window=8)
    >>> [(group.name, group.layers) for group in grouped_layers([whole, windowed, windowed])]
    [('layer', 1), ('windowed_layer', 2)]
    """
    counted = Counter(layers)
    if len(counted) == 1:
        ((layer, count),) = counted.items()
        return (layer.model_copy(update={"name": LAYER, "layers": count}),)
    return tuple(layer.model_copy(update={"layers": count}) for layer, count in counted.items())


def kinds_of_layers(reader: ConfigReader, layers: int, known: set[str]) -> tuple[str, ...] | None:
    """Read `layer_types`, or None where the file does not say.

    Raises
    ------
    AhasdError
        There are not as many as layers, or one is of a kind that the family does not have.
    """
    kinds = reader.texts("layer_types")
    if kinds is None:
        return None
    if len(kinds) != layers:
        raise AhasdError(f"{reader.origin}: layer_types names {len(kinds)} layers, and there are {layers}")
    unknown = sorted(set(kinds) - known)
    if unknown:
        raise AhasdError(
            f"{reader.origin}: layer_types has {', '.join(unknown)}; supported are {', '.join(sorted(known))}"
        )
    return kinds
