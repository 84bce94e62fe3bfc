"""``ahasd private optimise``: the widths of least error within a budget of bytes or seconds."""

from pathlib import Path

import typer

from ahasd.cli.show import show, show_answer


def optimise(
    network: str = typer.Argument(help="A network; `ahasd list private` names them."),
    budget: str = typer.Option("w4a4", help="Bytes (500MB, 2.3GB), or equal widths whose bytes are meant."),
    seconds: float | None = typer.Option(None, help="A budget of seconds on --link instead."),
    link: str | None = typer.Option(
        None, help="For --seconds: lan, wan (default), or MB_PER_S:ROUND_TRIP_MS."
    ),
    protocols: str = typer.Option("privquant", help="privquant, or sirnn: without its fusion."),
    sensitivity: Path | None = typer.Option(
        None, metavar="FILE", help="JSON: how the loss rises with each layer's widths."
    ),
    frontier: bool = typer.Option(
        False, "--frontier", help="Also for the bytes of equal widths of 2 to 8 bits."
    ),
    json_: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Choose bits of weights and activations for each layer: least error within a budget, exactly."""
    from ahasd.errors import AhasdError
    from ahasd.private_inference.network.link import link_named
    from ahasd.private_inference.network.rules import rules_named
    from ahasd.private_inference.network.zoo import network_named
    from ahasd.private_inference.precision.budget import compare, equal_budgets, read_budget
    from ahasd.private_inference.precision.choices import byte_cost, problem, second_cost
    from ahasd.private_inference.precision.sensitivity import read_sensitivity
    from ahasd.private_inference.running.shipped import accuracies, own_sensitivity
    from ahasd.report.files import to_json
    from ahasd.report.private.choice import choice_json, choice_text

    if seconds is None and link is not None:
        raise AhasdError("--link changes nothing without --seconds, a budget on it")
    found, rules = network_named(network), rules_named(protocols)
    known = own_sensitivity(found) if sensitivity is None else read_sensitivity(sensitivity, found)
    cost = byte_cost if seconds is None else second_cost(link_named(link or "wan"))
    asked = problem(found, rules, known.errors(), cost)
    unit = "bytes" if seconds is None else "seconds"
    compared = compare(asked, read_budget(budget, asked) if seconds is None else seconds)
    more = [compare(asked, each, by_greed=False) for each in equal_budgets(asked)] if frontier else []
    if json_:
        show(to_json(choice_json(found, compared, unit, known.source)))
    else:
        show_answer(choice_text(found, compared, unit, known.source, more, accuracies(found)))
