"""Lattice's JSON lines: ``{"layer_idx": …, "token_idx": …, "selected_ids": […], "gate_weights": […]}``."""

from typing import Any

from ahasd.errors import AhasdError
from ahasd.text_files import parse_json
from ahasd.traces.routing.importing.rows import Layers


def read_lattice(text: str, path: str) -> Layers:
    """Read the lines, and put each layer's tokens in order; the form does not say which were given.

    Raises
    ------
    AhasdError
        A line is something else.
    """
    rows: list[tuple[int, int, list[int], list[float]]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        where = f"{path}: line {number}"
        row = parse_json(line, where)
        if not isinstance(row, dict):
            raise AhasdError(f"{where} is no object with layer_idx, token_idx and selected_ids")
        layer, token = (_whole(row.get(key), where, key) for key in ("layer_idx", "token_idx"))
        experts, gates = row.get("selected_ids"), row.get("gate_weights")
        if not isinstance(experts, list) or not experts:
            raise AhasdError(f"{where}: selected_ids must be a list of experts")
        ids = [_whole(expert, where, "selected_ids") for expert in experts]
        if (
            not isinstance(gates, list)
            or len(gates) != len(ids)
            or not all(_is_number(gate) for gate in gates)
        ):
            raise AhasdError(f"{where}: gate_weights must be a number for each of selected_ids")
        rows.append((token, layer, ids, [float(gate) for gate in gates]))
    found = Layers()
    for _, layer, ids, weights in sorted(rows, key=lambda one: one[:2]):
        found.add(layer, ids, given=False, scores=weights)
    return found


def _whole(value: Any, where: str, key: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise AhasdError(f"{where}: {key} must be a whole number, at least 0")
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
