"""``ahasd attention``: sparse attention in memory bonded to logic."""

import typer

from ahasd.cli.attention_calibrate import calibrate
from ahasd.cli.attention_run import run
from ahasd.cli.help_layout import help_layout
from ahasd.cli.run_options import Given, with_run_options
from ahasd.cli.show import show_answer
from ahasd.sparse_attention.run_options import SparseAttentionOptions

attention = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=help_layout(),
    help="Long contexts on banks with processors: what sparsity brings, and what balance does.",
)


attention.command("run")(run)
attention.command("calibrate")(calibrate)


@attention.command("plan")
@with_run_options(
    SparseAttentionOptions, without=("model", "hardware", "fidelity"), defaults={"tokens": "256"}
)
def plan(
    given: Given,
    model: str = typer.Argument(metavar="MODEL", help="A model of the zoo, its config.json or .gguf."),
    device: str | None = typer.Option(
        None, show_default="hb-h2llm", help="One of `ahasd list bonded`, or a YAML file of that form."
    ),
    mapping: str | None = typer.Option(
        None,
        show_default="the system's",
        help="How work is spread over banks: head-groups, tiles, interleaved or co-placed",
    ),
    json_: bool = typer.Option(False, "--json", help="Print everything as JSON."),
) -> None:
    """Say how much faster attention and a decode step get, and how much of that is sparsity and how much balance."""
    import sys

    from ahasd.cli.block_characters import has_blocks
    from ahasd.report.attention.plan import plan_json, plan_text
    from ahasd.report.files import to_json
    from ahasd.sparse_attention.configuration import SparseAttentionConfiguration
    from ahasd.sparse_attention.plan.plan import plan_attention

    changes = [*given.pop("set", ()), *([f"system.mapping={mapping}"] if mapping is not None else [])]
    defaults = {} if "attention" in given else {"tokens": 256}
    asked = SparseAttentionConfiguration.checked(
        **{**defaults, **given, "model": model, "hardware": device, "set": tuple(changes)}
    )
    found = plan_attention(asked)
    show_answer(
        to_json(plan_json(found)) if json_ else plan_text(found, plain=not has_blocks(sys.stdout.encoding)),
        data=json_,
    )
