"""``ahasd trace record``: record a rollout trace from two real models."""

import os
from pathlib import Path
from typing import cast

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ahasd.cli.show import show
from ahasd.errors import AhasdError
from ahasd.traces.files import save
from ahasd.traces.header import Mode


def record_command(
    target: Path | None,
    draft: Path | None,
    prompts: Path | None,
    output: Path,
    mode: str,
    temperature: float,
    steps: int,
    tokens_per_prompt: int,
    seed: int,
    target_device: str | None = None,
    draft_device: str | None = None,
    dtype: str | None = None,
    trust_remote_code: bool = False,
) -> None:
    """Record a trace of two models over the prompts of a file and save it.

    What is done lies beside the output in ``….unfinished`` until all is; the same call goes on with it.

    Parameters
    ----------
    target, draft
        Folders of two causal language models of transformers; None for the tiny pair.
    prompts
        Prompt file; see `ahasd.benchmarking.prompts.read_prompt_list`. None for sample prompts.
    output
        The ``.safetensors`` file to write.
    mode
        ``"greedy"`` or ``"sampled"``.
    temperature, steps, tokens_per_prompt, seed
        See `ahasd.decoding.recording.settings.RecordSettings`.
    target_device, draft_device, dtype, trust_remote_code
        See `ahasd.decoding.models.language_model.load_language_model`.

    Raises
    ------
    AhasdError
        If torch or transformers are missing, anything in the input is wrong, or the unfinished recording is one
        of other arguments.
    """
    if not os.path.isdir(output.resolve().parent):
        raise AhasdError(f"cannot write {output}: the folder {output.parent} does not exist")
    if os.path.isdir(output):
        raise AhasdError(f"cannot write {output}: it is a folder; give a file name")
    # What is wrong with the settings or the prompts is said before torch is imported.
    from ahasd.benchmarking.prompts import read_prompt_list
    from ahasd.cli.models import load_pair
    from ahasd.decoding.prompts.sample_prompts import SAMPLE_PROMPTS
    from ahasd.decoding.recording.settings import RecordSettings

    RecordSettings(cast(Mode, mode), temperature, steps, tokens_per_prompt, seed)
    asked = SAMPLE_PROMPTS if prompts is None else read_prompt_list(prompts)
    pair = load_pair(target, draft, target_device, draft_device, dtype, trust_remote_code=trust_remote_code)
    if pair.draft is None:
        raise AhasdError("there is a target and no draft; give both, or neither for the tiny pair")

    from ahasd.decoding.recording.recorder import record

    console = Console(stderr=True)
    unfinished = output.with_name(f"{output.name}.unfinished")
    with Progress(
        TextColumn("recording"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("positions"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task("recording", total=len(asked) * tokens_per_prompt)
        try:
            trace = record(
                pair.target,
                pair.draft,
                asked,
                mode=cast(Mode, mode),
                temperature=temperature,
                steps=steps,
                tokens_per_prompt=tokens_per_prompt,
                seed=seed,
                prompts_source="sample prompts" if prompts is None else prompts.name,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
                checkpoint=unfinished,
            )
        except KeyboardInterrupt:
            if unfinished.exists():
                bar.stop()
                show(f"finished prompts are in {unfinished}; the same command goes on with them\n", err=True)
            raise
    save(trace, output)
    unfinished.unlink()
    show(
        f"{output}: {trace.positions} positions of {trace.prompts} prompts, {trace.steps} draft steps each; "
        f"mean acceptance {trace.mean_acceptance:.3f}\n"
    )
