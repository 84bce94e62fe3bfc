"""How to find out what figures leave open: passes of several rows, timed, and brought back."""

import re
from shlex import quote

from ahasd.prediction.from_figures.asked_plan import Asked
from ahasd.prediction.from_figures.plan import LENGTHS, Plan
from ahasd.prediction.from_figures.run_flags import Choice, run_command

#: What the measurement is written to, and the device that is made of it.
FILE, DEVICE = "passes.jsonl", "my-device.yaml"

#: Widths that are timed at most: one more than the longest draft of a plan.
WIDTHS = tuple(sorted({1, *(length + 1 for length in LENGTHS)}))


def command_for(plan: Plan, asked: Asked, drafting: bool) -> str | None:
    """What runs the best way to draft, or the target alone; None where the program's options are not known."""
    best, head = plan.best, plan.setting.head
    return run_command(
        asked.runtime,
        Choice(
            best.method if drafting else None,
            best.draft_length,
            asked.target.text,
            asked.draft.text if asked.draft is not None else None,
            asked.context,
            head.kind if head is not None and head.method == best.method else None,
        ),
    )


def measure_commands(plan: Plan, asked: Asked) -> list[str]:
    """What to run: with llama.cpp passes of one row and of wider ones, else decoding without and with drafts."""
    if not re.search(r"llama", asked.runtime.lower()):
        return [line for line in (command_for(plan, asked, drafting) for drafting in (False, True)) if line]
    last = 2 * (plan.best.draft_length + 1)
    widths = ",".join(str(width) for width in WIDTHS if width <= max(last, WIDTHS[2]))
    model = asked.target.text if asked.target.text.lower().endswith(".gguf") else "TARGET.gguf"
    return [
        f"llama-batched-bench -m {quote(model)} -npp 128 -ntg 64 -npl {widths} --output-format jsonl > {FILE}"
    ]


def bring_back(plan: Plan, asked: Asked) -> list[str]:
    """What makes a device of that file, and plans anew with it; nothing where nothing is written."""
    if not any(line.endswith(f"> {FILE}") for line in measure_commands(plan, asked)):
        return []
    again = f"ahasd plan --device {DEVICE} --target {quote(asked.target.text)}"
    if asked.draft is not None:
        again += f" --draft {quote(asked.draft.text)}"
    return [f"ahasd hardware import {FILE} --output {DEVICE}", again]
