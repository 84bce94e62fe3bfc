"""``ahasd plan``: whether speculative decoding will pay on a device, from published figures alone."""

from typing import TYPE_CHECKING, cast

import typer

from ahasd.cli.show import show_answer

if TYPE_CHECKING:
    from ahasd.prediction.from_figures.tasks import Task


def plan(
    device: str = typer.Option(
        ..., help="Its name ('RTX 3090', 'Apple M3 Max (40-core GPU)') or a YAML file of measured times."
    ),
    target: str = typer.Option(
        ...,
        help="A published name, which says its size (Qwen2.5-14B, Qwen3.6-35B-A3B), or its config.json or .gguf.",
    ),
    target_size: float | None = typer.Option(None, help="Parameters in 10^9, if the name does not say them."),
    target_quant: str | None = typer.Option(
        None, show_default="Q4_K_M", help="Format of its weights: Q4_K_M, 8bit, bf16."
    ),
    draft: str | None = typer.Option(
        None, help="A draft model, likewise, or the config.json of a draft head."
    ),
    draft_size: float | None = typer.Option(None, help="Parameters in 10^9, if the name does not say them."),
    draft_quant: str | None = typer.Option(
        None, show_default="Q8_0, bf16 for heads", help="Format of the draft's weights."
    ),
    runtime: str = typer.Option(
        "llama.cpp", help="The program: llama.cpp, mlx-lm, vLLM, 'llama.cpp vulkan'."
    ),
    methods: str | None = typer.Option(
        None,
        show_default="all that need nothing else",
        help="Separated by commas: draft-model, ngram, layer-skip, and of heads mtp, eagle, dflash, dspark.",
    ),
    acceptance: float | None = typer.Option(
        None,
        show_default="the one measured on the device, else the published record's",
        help="Chance that a drafted token is accepted after accepted ones.",
    ),
    task: str | None = typer.Option(
        None, help="Kind of text, for the record's acceptance: code, math, chat, prose, edit."
    ),
    trace: str | None = typer.Option(None, help="A trace that was recorded with a draft: its acceptance."),
    context: int = typer.Option(4096, help="Tokens that the caches hold."),
    memory: float | None = typer.Option(
        None, show_default="what it is sold with", help="Memory of the device in GB (10^9 bytes)."
    ),
    json_: bool = typer.Option(False, "--json", help="Print everything as JSON."),
) -> None:
    """Say whether speculative decoding will pay on a device, and by how much, without running anything.

    The device is one of those that come with the tool, or a file that `ahasd hardware import` or `ahasd probe` wrote;
    the interval holds four of five published measurements.
    """
    from ahasd.cli.comma_lists import check_names, split_names
    from ahasd.errors import AhasdError
    from ahasd.prediction.from_figures.asked_plan import Asked, plan_for
    from ahasd.prediction.from_figures.methods_here import in_order
    from ahasd.prediction.from_figures.named_models import NamedModel
    from ahasd.prediction.from_figures.setting import METHODS
    from ahasd.prediction.from_figures.tasks import TASKS
    from ahasd.report.files import to_json
    from ahasd.report.plan import plan_json, plan_text

    wanted = split_names("--methods", methods) if methods is not None else None
    check_names("method", wanted or (), METHODS)
    check_names("task", () if task is None else (task,), TASKS)
    for option, value in (("--draft-size", draft_size), ("--draft-quant", draft_quant)):
        if draft is None and value is not None:
            raise AhasdError(f"{option} {value} changes nothing without --draft")
    asked = Asked(
        device,
        runtime,
        NamedModel("target", target, target_size, target_quant),
        NamedModel("draft", draft, draft_size, draft_quant) if draft is not None else None,
        in_order(wanted) if wanted is not None else None,
        acceptance,
        cast("Task | None", task),
        trace,
        context,
        memory,
    )
    found = plan_for(asked)
    show_answer(to_json(plan_json(found, asked)) if json_ else plan_text(found, asked), data=json_)
