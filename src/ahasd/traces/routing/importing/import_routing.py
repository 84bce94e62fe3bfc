"""From a foreign file to a routing trace."""

import os
import re
from collections.abc import Callable
from pathlib import Path

from ahasd.errors import AhasdError
from ahasd.text_files import DATA_BYTES, read_text
from ahasd.traces.routing.importing.flame import read_flame
from ahasd.traces.routing.importing.lattice import read_lattice
from ahasd.traces.routing.importing.moe_trace import read_moe_trace
from ahasd.traces.routing.importing.route_trace import read_route_trace
from ahasd.traces.routing.importing.rows import Layers
from ahasd.traces.routing.trace import RoutingTrace

#: How the first line of each form begins, what the form is called, and what reads it.
_FORMS: tuple[tuple[str, str, Callable[[str, str], Layers]], ...] = (
    (r"\s*\{", "lattice's JSON lines", read_lattice),
    (r"\s*-?\d+\s*,", "llama-moe-trace's CSV", read_moe_trace),
    (r"\s*\d+\s+\d+\s+\d+\s+\d+:", "colibri's ROUTE_TRACE", read_route_trace),
)


def import_routing(path: str, experts: int | None = None, model: str | None = None) -> RoutingTrace:
    """Read a file, or a folder of parquet files; its form is told by its first line.

    Parameters
    ----------
    experts
        Of a layer; None for the highest number that is named, and one.
    model
        Its name; None for that of the file.

    Raises
    ------
    AhasdError
        The file is of no known form, or breaks the rules of its own.
    """
    name = model or Path(path).stem
    if os.path.isdir(path):
        return read_flame(path).trace(path, "FLAME-MoE-Traces", experts, name)
    text = read_text(path, "routing", DATA_BYTES)
    first = next((line for line in text.splitlines() if line.strip()), "")
    for pattern, form, read in _FORMS:
        if re.match(pattern, first):
            return read(text, path).trace(path, form, experts, name)
    raise AhasdError(
        f"'{path}' is no routing that is known here: a CSV of llama-moe-trace (pos,layer,id0,…), the lines of "
        "colibri's ROUTE_TRACE (call row layer id:gate …), JSON lines with layer_idx, token_idx, selected_ids and "
        "gate_weights, or a folder of FLAME-MoE-Traces' parquet files"
    )
