"""``ahasd moe``: mixtures of experts that are larger than fast memory."""

from typing import Literal

import typer

from ahasd.cli.help_layout import help_layout
from ahasd.cli.moe_run import run
from ahasd.cli.show import show

moe = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=help_layout(),
    help="Mixtures of experts larger than fast memory: which experts stay, and does it pay?",
)

moe.command("run")(run)


@moe.command("replay")
def replay(
    source: str = typer.Argument(
        metavar="TRACE", help="A routing trace, or synthetic-routing:zipf=Z,repeat=R"
    ),
    policy: str = typer.Option(
        "lru,lfu,belady",
        help="Rules by which experts give way; see `ahasd list caches`; e.g. lru,mrs:alpha=0.75",
    ),
    slots: str = typer.Option("4,8,16", help="Experts of each layer that fit, separated by commas."),
    pool: Literal["layer", "model"] = typer.Option(
        "layer", help="Whether each layer has its slots, or all layers share them."
    ),
    json_: bool = typer.Option(False, "--json", help="Print everything as JSON."),
) -> None:
    """Replay which experts a text took through caches: how many are in fast memory when they are needed."""
    from ahasd.cli.comma_lists import split_algorithms
    from ahasd.experts.cache.policies import parse_policy
    from ahasd.experts.replay import replay as replay_trace
    from ahasd.experts.replay_notes import replay_notes, slots_of
    from ahasd.report.files import to_json
    from ahasd.report.replay import replay_json, replay_text
    from ahasd.traces.routing.resolve import resolve_routing

    policies = [parse_policy(text) for text in split_algorithms("--policy", policy)]
    trace = resolve_routing(source)
    sizes, cut = slots_of(slots, trace.experts)
    found = [replay_trace(trace, rule, size, pool) for rule in policies for size in sizes]
    notes = [*cut, *replay_notes(trace, policies)]
    show(to_json(replay_json(trace, found, notes)) if json_ else replay_text(trace, found, notes))
