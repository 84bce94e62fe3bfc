"""``ahasd private plan``: bytes and seconds of every layer, before anyone runs it."""

import typer

from ahasd.cli.show import show_answer


def plan(
    network: str = typer.Argument(help="A network; `ahasd list private` names them."),
    widths: str = typer.Option("w4a4", help="Bits of weights and activations: w4a6, or one for each layer."),
    link: str = typer.Option("wan", help="lan, wan, or MB_PER_S:ROUND_TRIP_MS."),
    protocols: str = typer.Option("privquant", help="privquant, or sirnn: without its fusion."),
    transfer: str = typer.Option("iknp", help="Oblivious transfer: iknp; models: silent, dealer (trusted)."),
    operations: bool = typer.Option(False, "--operations", help="A row for every protocol."),
    json_: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Say how many bytes each layer of a private inference will send, and how long they take on a link."""
    from dataclasses import replace

    from ahasd.private_inference.network.link import link_named
    from ahasd.private_inference.network.plan import plan as plan_network
    from ahasd.private_inference.network.rules import rules_named
    from ahasd.private_inference.network.widths import read_widths
    from ahasd.private_inference.network.zoo import network_named
    from ahasd.private_inference.protocols.oblivious_transfer import oblivious_transfer_named
    from ahasd.report.files import to_json
    from ahasd.report.private.plan import plan_json, plan_text

    found = network_named(network)
    rules = replace(rules_named(protocols), transfer=oblivious_transfer_named(transfer))
    planned = plan_network(found, read_widths(widths, len(found.layers)), rules)
    over = link_named(link)
    show_answer(
        to_json(plan_json(planned, over)) if json_ else plan_text(planned, over, operations), data=json_
    )
