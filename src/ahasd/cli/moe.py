"""``ahasd moe``: mixtures of experts that are larger than fast memory."""

from typing import Literal

import typer

from ahasd.cli.help_layout import help_layout
from ahasd.cli.moe_gate import gate
from ahasd.cli.moe_run import run
from ahasd.cli.show import show, show_answer

moe = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=help_layout(),
    help="Mixtures of experts larger than fast memory: which experts stay, and does it pay?",
)

moe.command("run")(run)
moe.command("gate")(gate)


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
    prefetch: str = typer.Option(
        "none",
        help="Experts fetched before they are needed: none, or what the gates ahead choose already: next-gate, "
        "two-gates, three-gates, adaptive.",
    ),
    json_: bool = typer.Option(False, "--json", help="Print everything as JSON."),
) -> None:
    """Replay which experts a text took through caches: how many are in fast memory when they are needed."""
    from ahasd.cli.comma_lists import split_algorithms
    from ahasd.experts.cache.policies import parse_policy
    from ahasd.experts.prefetch.prefetch import prefetch_named
    from ahasd.experts.replay_ahead import replay_ahead
    from ahasd.experts.replay_notes import replay_notes, slots_of
    from ahasd.report.files import to_json
    from ahasd.report.replay import replay_json, replay_text
    from ahasd.traces.routing.resolve import resolve_routing

    policies = [parse_policy(text) for text in split_algorithms("--policy", policy)]
    trace = resolve_routing(source)
    sizes, cut = slots_of(slots, trace.experts)
    ahead, none = prefetch_named(prefetch), prefetch_named("none")
    found = [
        replay_ahead(trace, rule, size, none if rule.name == "belady" else ahead, pool)
        for rule in policies
        for size in sizes
    ]
    notes = [*cut, *replay_notes(trace, policies, prefetch)]
    if json_:
        show(to_json(replay_json(trace, found, prefetch, notes)))
    else:
        show_answer(replay_text(trace, found, prefetch, notes))


@moe.command("plan")
def plan(
    model: str = typer.Argument(
        metavar="MODEL", help="A published name (gpt-oss-120b, Qwen3.6-35B-A3B), or its config.json or .gguf."
    ),
    machine: str = typer.Option(
        ...,
        help="Its GPU or chip ('RTX 3090', 'Apple M4 Pro (16-core GPU)'), or one of `ahasd list machines`.",
    ),
    quant: str | None = typer.Option(
        None, show_default="the file's, else Q4_K_M", help="Format of its weights."
    ),
    memory: float | None = typer.Option(
        None, show_default="what it is sold with", help="Memory of the device in GB (10^9 bytes)."
    ),
    host: str | None = typer.Option(
        None,
        show_default="90 GB/s",
        help="The memory beside it: 'dual-channel DDR5-5600', 'EPYC 7543', '60 GB/s'.",
    ),
    ram: float | None = typer.Option(None, show_default="enough", help="How much of that there is, in GB."),
    storage: float | None = typer.Option(
        None, show_default="not used", help="How fast storage reads a megabyte or more at once, in GB/s."
    ),
    context: int = typer.Option(4096, min=0, help="Tokens that the caches hold."),
    trace: str | None = typer.Option(None, help="A routing trace: its hit rates in place of published ones."),
    json_: bool = typer.Option(False, "--json", help="Print everything as JSON."),
) -> None:
    """Say whether a mixture fits a machine, where its experts should lie if not, and how fast that writes.

    The interval holds four of five published measurements.
    """
    from ahasd.prediction.expert_plan.plan import MachineWords, plan_experts
    from ahasd.prediction.expert_plan.positive import in_giga
    from ahasd.report.expert_plan import expert_plan_json, expert_plan_text
    from ahasd.report.files import to_json
    from ahasd.traces.routing.resolve import resolve_routing

    words = MachineWords(
        machine, in_giga("--memory", memory), host, in_giga("--ram", ram), in_giga("--storage", storage)
    )
    found = plan_experts(model, words, quant, context, resolve_routing(trace) if trace is not None else None)
    show_answer(to_json(expert_plan_json(found)) if json_ else expert_plan_text(found), data=json_)
