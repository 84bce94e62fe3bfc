"""``ahasd trace``: look at, make up, import and record traces."""

from pathlib import Path

import typer

from ahasd.cli.help_layout import help_layout
from ahasd.cli.model_options import (
    DataType,
    Draft,
    DraftDevice,
    Prompts,
    Target,
    TargetDevice,
    TrustRemoteCode,
)
from ahasd.cli.show import show, show_answer
from ahasd.cli.trace_record_routing import record_routing
from ahasd.cli.trace_record_speech import record_speech

trace = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=help_layout(),
    help="Traces: what a draft or heads proposed and the target said, which experts a mixture or which pages heads "
    "chose.",
)

trace.command("record-routing")(record_routing)
trace.command("record-speech")(record_speech)


@trace.command("info")
def info(
    source: str = typer.Argument(
        metavar="TRACE",
        help="A file, a shipped name, or synthetic:…, synthetic-tree:…, synthetic-routing:…, synthetic-attention:…, "
        "synthetic-speech:…",
    ),
) -> None:
    """Print what a trace holds: how well its draft or its heads do, or which experts or pages are chosen."""
    from ahasd.report.attention.trace import attention_trace_text
    from ahasd.report.routing import routing_text
    from ahasd.report.speech_trace import speech_trace_text
    from ahasd.report.trace import trace_text
    from ahasd.report.tree_trace import tree_trace_text
    from ahasd.traces.attention.resolve import is_attention, resolve_attention
    from ahasd.traces.resolve import resolve_trace
    from ahasd.traces.routing.resolve import is_routing, resolve_routing
    from ahasd.traces.speech.resolve import is_speech, resolve_speech
    from ahasd.traces.tree.resolve import is_tree_trace, resolve_tree_trace

    if is_routing(source):
        show_answer(routing_text(resolve_routing(source)))
    elif is_attention(source):
        show_answer(attention_trace_text(resolve_attention(source)))
    elif is_speech(source):
        show_answer(speech_trace_text(resolve_speech(source)))
    elif is_tree_trace(source):
        show_answer(tree_trace_text(resolve_tree_trace(source)))
    else:
        show_answer(trace_text(resolve_trace(source)))


@trace.command("synth")
def synth(
    output: Path = typer.Option(..., "--output", "-o", help="The file to write."),
    acceptance: float = typer.Option(0.8, help="Mean acceptance of a drafted token."),
    auc: float = typer.Option(0.7, help="How well low entropy predicts acceptance; 0.5 is not at all."),
    positions: int = typer.Option(8000, help="Of the text, over all prompts."),
    steps: int = typer.Option(16, help="Drafted tokens per position, 16 to 24."),
    prompts: int = typer.Option(20, help="How many texts the positions are shared out to."),
    seed: int = typer.Option(0, help="Of all draws."),
) -> None:
    """Write a made-up rollout trace with a stated acceptance."""
    from ahasd.traces.files import save
    from ahasd.traces.rollout.synthetic import synthesize

    made = synthesize(
        acceptance=acceptance, auc=auc, positions=positions, steps=steps, prompts=prompts, seed=seed
    )
    save(made, output)
    show(f"wrote {output}: {made.positions} positions x {made.steps} steps\n")


@trace.command("record")
def record(
    output: Path = typer.Option(..., "--output", "-o", help="The file to write."),
    target: Target = None,
    draft: Draft = None,
    prompts: Prompts = None,
    mode: str = typer.Option("sampled", help="greedy or sampled"),
    temperature: float = typer.Option(1.0, help="Of both models, when sampling."),
    steps: int = typer.Option(16, help="Drafted tokens per position, 16 to 24."),
    tokens_per_prompt: int = typer.Option(128, help="Positions recorded for each prompt."),
    seed: int = typer.Option(0, help="Of all draws."),
    target_device: TargetDevice = None,
    draft_device: DraftDevice = None,
    dtype: DataType = None,
    trust_remote_code: TrustRemoteCode = False,
) -> None:
    """Record a trace from two models (needs the torch extra); after an interruption it goes on where it was."""
    from ahasd.cli.trace_record import record_command

    settings = mode, temperature, steps, tokens_per_prompt, seed
    loading = target_device, draft_device, dtype, trust_remote_code
    record_command(target, draft, prompts, output, *settings, *loading)


@trace.command("import")
def import_(
    source: str = typer.Argument(metavar="FILE", help="What another program wrote of a mixture's routing."),
    output: Path = typer.Option(..., "--output", "-o", help="The file to write."),
    experts: int | None = typer.Option(
        None, min=1, show_default="the highest number in the file, and one", help="Experts of a layer."
    ),
    model: str | None = typer.Option(None, show_default="the file's name", help="Name of the mixture."),
) -> None:
    """Import routing of llama-moe-trace, colibri, lattice or FLAME-MoE-Traces; the form is told by the file."""
    from ahasd.traces.routing.files import save
    from ahasd.traces.routing.importing.import_routing import import_routing

    made = import_routing(source, experts, model)
    save(made, output)
    show(
        f"wrote {output}: {made.tokens} tokens, {made.top} of {made.experts} experts in {made.layers} layers\n"
    )
