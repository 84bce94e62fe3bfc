"""The lines of colibri's ROUTE_TRACE: ``call row layer id:gate id:gate …``, a call for each layer of a pass."""

import re

from ahasd.errors import AhasdError
from ahasd.traces.routing.importing.rows import Layers

_PAIR = re.compile(r"(\d+):(-?\d+(?:\.\d+)?)")


def read_route_trace(text: str, path: str) -> Layers:
    """Read the lines; a call of more than one row that comes before any of a single one is of the prefix.

    Raises
    ------
    AhasdError
        A line is something else.
    """
    calls: dict[int, list[tuple[int, list[int], list[float]]]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        call, row, layer, *pairs = line.split() if len(line.split()) > 3 else ("", "", "")
        said = [_PAIR.fullmatch(pair) for pair in pairs]
        if not (call.isdigit() and row.isdigit() and layer.isdigit() and pairs) or None in said:
            raise AhasdError(f"{path}: line {number} is no row 'call row layer id:gate id:gate …'")
        found = [one for one in said if one is not None]
        rows = calls.setdefault(int(call), [])
        rows.append((int(layer), [int(one[1]) for one in found], [float(one[2]) for one in found]))
    found_layers, writing = Layers(), False
    for rows in calls.values():
        writing = writing or len(rows) == 1
        for layer_of, experts, gates in rows:
            found_layers.add(layer_of, experts, not writing, gates)
    return found_layers
