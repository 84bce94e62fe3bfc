"""``ahasd list``: what there is."""

import typer

from ahasd.cli.show import show


def list_names(
    kind: str = typer.Argument(
        help="models, speech, networks, systems, hardware, algorithms, caches, machines, bonded, heads, traces, "
        "private or claims"
    ),
    json_: bool = typer.Option(False, "--json", help="Print names and texts as JSON."),
) -> None:
    """List what can be named in a configuration, and the claims of the ledger."""
    from ahasd.errors import UnknownNameError
    from ahasd.report import names
    from ahasd.report.files import to_json
    from ahasd.report.fitted import fitted
    from ahasd.report.table import Table, left

    kinds = {
        "models": names.list_models,
        "speech": names.list_speech,
        "networks": names.list_networks,
        "systems": names.list_systems,
        "hardware": names.list_hardware,
        "algorithms": names.list_algorithms,
        "caches": names.list_caches,
        "machines": names.list_machines,
        "bonded": names.list_bonded,
        "heads": names.list_heads,
        "traces": names.list_traces,
        "private": names.list_private,
        "claims": _claims,
    }
    if kind not in kinds:
        raise UnknownNameError("list", kind, kinds)
    found = kinds[kind]()
    if json_:
        show(to_json({name: " ".join(text.split()) for name, text in found.items()}))
    else:
        show(fitted(Table(left("", ""), list(found.items()))))


def _claims() -> dict[str, str]:
    from ahasd.claims.ledger import all_claims

    return {claim.name: f"{claim.published}: {claim.text}" for claim in all_claims()}
