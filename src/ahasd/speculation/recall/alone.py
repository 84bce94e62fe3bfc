"""The target alone, whose passes are known beforehand: only their costs are asked of a machine."""

from functools import lru_cache

import numpy as np

from ahasd.hardware.pass_grid import Passes
from ahasd.simulation.outcome import Outcome
from ahasd.simulation.timeline import Timeline
from ahasd.speculation.autoregressive import Autoregressive
from ahasd.speculation.machine import Machine
from ahasd.speculation.model_step import Fate, ModelStep
from ahasd.speculation.options.schedules import AutoregressiveOptions
from ahasd.speculation.recall.timeline import RecalledTimeline, in_turn

#: Lengths of texts whose passes are kept (ours).
TEXTS = 64


def decode_alone(machine: Machine, tokens: int) -> Outcome[ModelStep]:
    """What :class:`~ahasd.speculation.autoregressive.Autoregressive` comes to with so many tokens, at once.

    The ledger is left out.
    """
    steps, passes = machine.target_steps, _passes(machine.lengths.prompt, tokens)
    values = steps.columns(passes)
    columns = in_turn(values[:, 0], values[:, 1:])
    if columns is None:
        return Autoregressive(machine, AutoregressiveOptions()).decode(tokens)

    def make_steps() -> list[ModelStep]:
        times = zip(columns.starts.tolist(), columns.ends.tolist(), passes.each, strict=True)
        return [
            ModelStep(
                steps.name, "decode", start, end, steps.cost(width, context), width=width, context=context,
                fate=Fate.USED,
            )
            for start, end, (width, context) in times
        ]  # fmt: skip

    everything = {steps.name: np.arange(len(columns.ends))}
    timeline = RecalledTimeline(Timeline[ModelStep](), columns, everything, make_steps)
    return Outcome(int(columns.ends[-1]), timeline)


@lru_cache(maxsize=TEXTS)
def _passes(prompt: int, tokens: int) -> Passes:
    return Passes([(1, prompt - 1 + written) for written in range(tokens)])
