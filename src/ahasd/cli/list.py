"""``ahasd list``: what there is."""

from collections.abc import Callable, Iterable

import typer

from ahasd.cli.show import show

Row = tuple[str, str]


def list_names(
    kind: str = typer.Argument(help="models, systems, hardware, algorithms, traces or claims"),
) -> None:
    """List what can be named in a configuration, and the claims of the ledger."""
    from ahasd.errors import UnknownNameError
    from ahasd.report.table import Table, left

    kinds: dict[str, Callable[[], Iterable[Row]]] = {
        "models": _models,
        "systems": _systems,
        "hardware": _hardware,
        "algorithms": _algorithms,
        "traces": _traces,
        "claims": _claims,
    }
    if kind not in kinds:
        raise UnknownNameError("list", kind, kinds)
    show(Table(left("", ""), list(kinds[kind]())).terminal())


def _models() -> Iterable[Row]:
    from ahasd.workload.zoo import load_model, zoo_names

    for name in zoo_names():
        spec = load_model(name)
        yield (
            name,
            f"{spec.parameters / 1e6:9.2f} M parameters, {spec.layers} layers, tokenizer {spec.tokenizer}",
        )


def _systems() -> Iterable[Row]:
    from ahasd.systems.families import load_system, system_names

    return ((name, load_system(name).description) for name in system_names())


def _hardware() -> Iterable[Row]:
    from ahasd.hardware.preset.preset import load_preset, preset_names

    return ((name, load_preset(name).hardware.description) for name in preset_names())


def _algorithms() -> Iterable[Row]:
    from ahasd.speculation.drafting.specification import algorithm_descriptions

    return [*algorithm_descriptions().items(), ("none", "no speculation: the target alone")]


def _traces() -> Iterable[Row]:
    from ahasd.traces.resolve import resolve_trace
    from ahasd.traces.shipped import shipped_names

    for name in shipped_names():
        trace = resolve_trace(name)
        yield (
            name,
            f"{trace.positions} positions x {trace.steps} steps, {trace.header.mode}, {trace.header.notes}",
        )
    yield (
        "synthetic:acceptance=A,auc=B",
        "made up: acceptance rate A, entropy predicts it with area B (0.5: not)",
    )


def _claims() -> Iterable[Row]:
    from ahasd.claims.ledger import all_claims

    return ((claim.name, f"{claim.published}: {claim.text}") for claim in all_claims())
