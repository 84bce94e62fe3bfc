"""``ahasd plan``: whether speculative decoding will pay on a device, from published figures alone."""

import typer

from ahasd.cli.show import show


def plan(
    device: str = typer.Option(
        ..., help="Its name ('RTX 3090', 'Apple M3 Max (40-core GPU)') or a YAML file of measured times."
    ),
    target: str = typer.Option(..., help="Its name, which says its size: Qwen2.5-14B, Qwen3.6-35B-A3B."),
    target_size: float | None = typer.Option(None, help="Parameters in 10^9, if the name does not say them."),
    target_quant: str = typer.Option("Q4_K_M", help="Format of its weights: Q4_K_M, 8bit, bf16."),
    draft: str | None = typer.Option(None, help="A draft model's name."),
    draft_size: float | None = typer.Option(None, help="Parameters in 10^9, if the name does not say them."),
    draft_quant: str = typer.Option("Q8_0", help="Format of the draft's weights."),
    runtime: str = typer.Option(
        "llama.cpp", help="The program: llama.cpp, mlx-lm, vLLM, 'llama.cpp vulkan'."
    ),
    methods: str | None = typer.Option(
        None,
        show_default="draft-model with a draft, else ngram",
        help="Separated by commas: draft-model, ngram, layer-skip, and of heads mtp, eagle, dflash, dspark.",
    ),
    acceptance: float | None = typer.Option(
        None,
        show_default="the one measured on the device, else the published record's",
        help="Chance that a drafted token is accepted after accepted ones.",
    ),
    json_: bool = typer.Option(False, "--json", help="Print everything as JSON."),
) -> None:
    """Say whether speculative decoding will pay on a device, and by how much, without running anything.

    The device is one of those that come with the tool, or a file that `ahasd hardware import` or `ahasd probe` wrote;
    the interval holds four of five published measurements.
    """
    from ahasd.cli.comma_lists import check_names, split_names
    from ahasd.errors import AhasdError
    from ahasd.prediction.from_figures.measured_setting import measured_chance
    from ahasd.prediction.from_figures.named_setting import named_setting
    from ahasd.prediction.from_figures.plan import make_plan
    from ahasd.prediction.from_figures.setting import METHODS
    from ahasd.report.files import to_json
    from ahasd.report.plan import plan_json, plan_text

    usual = "draft-model" if draft is not None else "ngram"
    wanted = split_names("--methods", methods if methods is not None else usual)
    check_names("method", wanted, METHODS)
    if "draft-model" in wanted and draft is None:
        raise AhasdError("draft-model needs a draft; name it with --draft")
    if draft is not None and "draft-model" not in wanted:
        raise AhasdError(f"--draft {draft} changes nothing, since --methods leaves out draft-model")
    if acceptance is not None and not 0 <= acceptance < 1:
        raise AhasdError(f"--acceptance is {acceptance:g}; it must be at least 0 and below 1")
    setting = named_setting(
        device, runtime, (target, target_size, target_quant), (draft, draft_size, draft_quant)
    )
    if acceptance is None and wanted == ["draft-model"]:
        acceptance = measured_chance(setting)
    found = make_plan(setting, [method for method in METHODS if method in wanted], acceptance)
    show(to_json(plan_json(found)) if json_ else plan_text(found))
