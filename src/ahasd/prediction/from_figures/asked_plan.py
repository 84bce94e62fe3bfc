"""From what a person asks to a plan: options that contradict each other are refused here."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from ahasd.errors import AhasdError
from ahasd.prediction.from_figures.acceptance import Acceptance, RecordedAcceptance
from ahasd.prediction.from_figures.measured_acceptance import measured_acceptance
from ahasd.prediction.from_figures.methods_here import check_methods, methods_at_hand, methods_if_trained
from ahasd.prediction.from_figures.model_shape import GIGA
from ahasd.prediction.from_figures.named_models import NamedModel
from ahasd.prediction.from_figures.named_setting import named_setting
from ahasd.prediction.from_figures.plan import Plan, given, make_plan
from ahasd.prediction.from_figures.setting import DraftMethod, Setting
from ahasd.prediction.from_figures.tasks import Task
from ahasd.prediction.from_figures.usual_acceptance import task_projects


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked.

    Attributes
    ----------
    device, runtime
        In a person's words.
    methods
        None for all that need nothing else.
    acceptance, task, trace
        Where acceptances come from; None for what was measured on the device, or what the record shows of all kinds
        of text.
    context
        Tokens that the caches hold.
    memory_gb
        Of the device, in 10^9 bytes; None for what it is sold with.
    """

    device: str
    runtime: str
    target: NamedModel
    draft: NamedModel | None = None
    methods: Sequence[DraftMethod] | None = None
    acceptance: float | None = None
    task: Task | None = None
    trace: str | None = None
    context: int = 4096
    memory_gb: float | None = None


def plan_for(asked: Asked) -> Plan:
    """Look everything up and rank.

    Raises
    ------
    AhasdError
        A name is not known, options contradict each other, or the models do not fit.
    """
    setting = named_setting(asked.device, asked.runtime, asked.target, asked.draft)
    wanted = list(asked.methods if asked.methods is not None else methods_at_hand(setting))
    check_methods(setting, wanted)
    if asked.context < 1:
        raise AhasdError(f"--context is {asked.context}; it must be at least 1")
    return make_plan(
        setting,
        wanted,
        _acceptance(asked, setting, wanted),
        methods_if_trained(setting) if asked.methods is None else (),
        asked.context,
        _memory(asked, setting),
        asked.methods is None,
    )


def _acceptance(asked: Asked, setting: Setting, methods: Sequence[DraftMethod]) -> Acceptance:
    draft, target = setting.draft, setting.target
    ratio = target.active / draft.active if draft is not None and draft.active and target.active else None
    record = RecordedAcceptance(asked.task, ratio)
    said = [
        option
        for option, value in (("--acceptance", asked.acceptance), ("--trace", asked.trace))
        if value is not None
    ]
    if len(said) > 1:
        raise AhasdError("--acceptance and --trace both say how much is accepted; give one of them")
    if asked.task is not None and not any(task_projects(method, asked.task) for method in methods):
        raise AhasdError(
            f"--task {asked.task} changes nothing: the record does not tell it apart for {', '.join(methods)}"
        )
    if asked.acceptance is not None:
        return given(asked.acceptance, methods, record)
    if asked.trace is None:
        return record if asked.task is not None else measured_acceptance(setting, record)
    if "draft-model" not in methods:
        raise AhasdError("--trace changes nothing without a draft model; name the one it was recorded with")
    from ahasd.prediction.from_figures.trace_acceptance import TraceAcceptance
    from ahasd.traces.resolve import resolve_trace, trace_label

    return TraceAcceptance(resolve_trace(asked.trace), trace_label(asked.trace), record)


def _memory(asked: Asked, setting: Setting) -> float | None:
    size = asked.memory_gb
    if size is None:
        return None
    if not (isfinite(size) and size > 0):
        raise AhasdError(f"--memory is {size:g}; it must be positive and finite, in 10^9 bytes")
    device = setting.devices[0]
    if device.capacities and size * GIGA > max(device.capacities):
        sold = ", ".join(f"{each / GIGA:g}" for each in sorted(device.capacities))
        raise AhasdError(f"--memory is {size:g}, and {device.name} is sold with {sold} GB")
    return size * GIGA
