"""What a private run sends: a sentence, a row for each layer with a bar, and where the bytes go."""

from typing import Any

from ahasd.private_inference.network.link import Link
from ahasd.private_inference.network.plan import LayerCost, Plan
from ahasd.private_inference.network.widths import shortened
from ahasd.private_inference.protocols.conversion import Extension
from ahasd.private_inference.protocols.product import Product
from ahasd.report.fitted import fitted
from ahasd.report.private.sizes import bar, said_bytes, said_seconds
from ahasd.report.table import Table, left, right
from ahasd.report.text import paragraphs

_LINEAR = ("multiply",)


def plan_text(plan: Plan, link: Link, by_operation: bool = False) -> str:
    """The plan for a terminal.

    Parameters
    ----------
    by_operation
        Whether every protocol has a row.
    """
    rows = _operation_rows(plan) if by_operation else _layer_rows(plan, link)
    columns = (
        (*left("layer", "protocol"), *right("bytes", "bits of payload", "trips"), *left("sent by the server"))
        if by_operation
        else (*left("layer", "widths"), *right("ring"), *left("receives"), *right("bytes", "time"), *left(""))
    )
    lines = [*paragraphs([_sentence(plan, link)]), "", fitted(Table(columns, rows)).rstrip("\n")]
    return "\n".join([*lines, "", *paragraphs(_notes(plan))]) + "\n"


def plan_json(plan: Plan, link: Link) -> dict[str, Any]:
    """The same for programs."""
    return {
        "sentence": _sentence(plan, link),
        "network": plan.network.name,
        "widths": shortened(plan.widths),
        "protocols": plan.rules.name,
        "transfer": plan.rules.transfer.name,
        "link": {"bytes_per_s": link.bytes_per_s, "round_trip_s": link.round_trip_s},
        "bytes": plan.bytes,
        "rounds": plan.trips / 2,
        "seconds": plan.seconds(link),
        "layers": [
            {
                "name": layer.name,
                "bytes": layer.bytes,
                "rounds": layer.trips / 2,
                "seconds": link.seconds(layer.bytes, layer.trips),
                "operations": [
                    {
                        "name": part.name,
                        "bytes": part.bytes,
                        "payload_bits": part.payload_bits,
                        "rounds": part.trips / 2,
                        "sent_by_server": part.sent_by_server,
                    }
                    for part in layer.operations
                ],
            }
            for layer in plan.layers
        ],
    }


def _sentence(plan: Plan, link: Link) -> str:
    most = max(plan.layers, key=lambda layer: layer.bytes)
    linear = sum(part.bytes for layer in plan.layers for part in layer.operations if part.name in _LINEAR)
    rounds = plan.trips / 2
    waiting = link.seconds(0, plan.trips)
    return (
        f"{plan.network.title}, sends {said_bytes(plan.bytes)} in {rounds:g} rounds for one input: "
        f"{said_seconds(plan.seconds(link))} on {_said(link)}, of which {said_seconds(waiting)} are round trips. "
        f"Products send {linear / plan.bytes:.0%}; layer {most.name} alone {most.bytes / plan.bytes:.0%}."
    )


def _said(link: Link) -> str:
    figures = f"{link.bytes_per_s / 1e6:g} MB/s, {link.round_trip_s * 1e3:g} ms"
    return f"the {link.name.upper()} ({figures})" if link.name.isalpha() else f"a link of {figures}"


def _layer_rows(plan: Plan, link: Link) -> list[list[str]]:
    largest = max(layer.bytes for layer in plan.layers)
    return [
        [
            layer.name,
            str(layer.lowered.widths),
            f"{layer.lowered.ring_bits}",
            _receiver(layer),
            f"{layer.bytes:,}",
            said_seconds(link.seconds(layer.bytes, layer.trips)),
            bar(layer.bytes, largest),
        ]
        for layer in plan.layers
    ]


def _receiver(layer: LayerCost) -> str:
    """Whose operand goes bit by bit."""
    for _, protocol in layer.lowered.operations:
        if isinstance(protocol, Product):
            return protocol.receiver.name.lower()
    return "both"


def _operation_rows(plan: Plan) -> list[list[str]]:
    return [
        [
            layer.name if place == 0 else "",
            part.name,
            f"{part.bytes:,}",
            f"{part.payload_bits:,}",
            f"{part.trips}",
            f"{part.sent_by_server / part.bytes:.0%}" if part.bytes else "",
        ]
        for layer in plan.layers
        for place, part in enumerate(layer.operations)
    ]


def _notes(plan: Plan) -> list[str]:
    notes = [
        f"Protocols {plan.rules.name}, transfers {plan.rules.transfer.name}. Bytes are those of both parties, "
        "frames included; one set-up of a connection, and computing, come on top. The ring is that of a layer's sums."
    ]
    if plan.rules.transfer.dealer:
        notes.append(
            "A dealer whom both must trust hands out correlations and triples of matrices; what it sends, and the "
            "trust, are not in these bytes."
        )
    if not plan.rules.transfer.runs:
        notes.append("This kind of transfer is a model of bytes; `ahasd private run` runs iknp.")
    skipped = [
        layer.name
        for layer in plan.layers
        for name, protocol in layer.lowered.operations
        if name == "extend kept" and isinstance(protocol, Extension) and not protocol.added_bits
    ]
    if skipped:
        notes.append(f"The kept value is there already, in a ring that is wide enough: {', '.join(skipped)}.")
    return [*notes, plan.network.note] if plan.network.note else notes
