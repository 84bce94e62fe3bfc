"""How to find out what figures leave open: passes of several rows, timed, and brought back."""

from shlex import quote

from ahasd.prediction.from_figures.asked_plan import Asked
from ahasd.prediction.from_figures.plan import LENGTHS, Plan

#: What the measurement is written to, and the device that is made of it.
FILE, DEVICE = "passes.jsonl", "my-device.yaml"

#: Widths that are timed at most: one more than the longest draft of a plan.
WIDTHS = tuple(sorted({1, *(length + 1 for length in LENGTHS)}))


def measure_commands(plan: Plan, asked: Asked) -> list[str]:
    """What to run: passes of one row and of widths up to some beyond the best, the import of the file, a new plan."""
    last = 2 * (plan.best.draft_length + 1)
    widths = ",".join(str(width) for width in WIDTHS if width <= max(last, WIDTHS[2]))
    model = asked.target.text if asked.target.text.lower().endswith(".gguf") else "TARGET.gguf"
    again = f"ahasd plan --device {DEVICE} --target {quote(asked.target.text)}"
    if asked.draft is not None:
        again += f" --draft {quote(asked.draft.text)}"
    return [
        f"llama-batched-bench -m {quote(model)} -npp 128 -ntg 64 -npl {widths} --output-format jsonl > {FILE}",
        f"ahasd hardware import {FILE} --output {DEVICE}",
        again,
    ]
