"""The CSV of llama-moe-trace (thecodacus/llama.cpp): ``pos,layer,id0,id1,…``, prefix tokens at negative positions."""

from ahasd.errors import AhasdError
from ahasd.traces.routing.importing.rows import Layers


def read_moe_trace(text: str, path: str) -> Layers:
    """Read the rows; tokens of a layer are in the order of the file, whose positions of a prefix are not unique.

    Raises
    ------
    AhasdError
        A line is something else.
    """
    found = Layers()
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            position, layer, *experts = (int(cell) for cell in line.split(","))
        except ValueError:
            raise AhasdError(f"{path}: line {number} is no row 'pos,layer,id0,id1,…'") from None
        if not experts or layer < 0:
            raise AhasdError(
                f"{path}: line {number} names no experts of a token: a row is 'pos,layer,id0,id1,…' (counts alone, "
                "'layer,expert', do not say which tokens took them)"
            )
        found.add(layer, experts, given=position < 0)
    return found
