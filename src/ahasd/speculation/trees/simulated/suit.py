"""What suits which system: traces, batches, devices and algorithms."""

from collections.abc import Sequence

from ahasd.errors import AhasdError
from ahasd.hardware.placement.device_kinds import DeviceName, has_device
from ahasd.hardware.preset.hardware import Hardware
from ahasd.speculation.drafting.own_algorithm import DraftsBy
from ahasd.speculation.drafting.specification import AlgorithmSpec
from ahasd.speculation.options.system import AnySystem, AutoregressiveSystem, TreeSystem
from ahasd.traces.default import DEFAULT_TRACE, DEFAULT_TREE_TRACE
from ahasd.traces.resolve import DraftTrace
from ahasd.traces.rollout.rollout import RolloutTrace
from ahasd.traces.tree.resolve import is_tree_trace
from ahasd.traces.tree.trace import TreeTrace

#: Where trees are verified on a machine that lacks the system's device, the first that there is.
_INSTEAD: tuple[DeviceName, ...] = ("gpu", "npu")


def own_trace(system: AnySystem, trace: str) -> str:
    """Return the trace of a run: where none was chosen, a tree system has a default of its own."""
    return DEFAULT_TREE_TRACE if isinstance(system, TreeSystem) and trace == DEFAULT_TRACE else trace


def suits(system: AnySystem, trace: str) -> bool:
    """Whether the trace that a text names is of what guesses in a system; the target alone takes any."""
    if isinstance(system, AutoregressiveSystem):
        return True
    return isinstance(system, TreeSystem) == is_tree_trace(own_trace(system, trace))


def tree_trace_for(system: AnySystem, trace: DraftTrace, name: str) -> TreeTrace:
    """Return the trace of a system with trees.

    Raises
    ------
    AhasdError
        It is none of heads' guesses.
    """
    if isinstance(trace, TreeTrace):
        return trace
    raise AhasdError(
        f"trace {name} is of a draft model's rollouts; system '{system.name}' needs guesses of heads: give it a tree "
        f"trace, such as {DEFAULT_TREE_TRACE}, or leave --trace out"
    )


def rollout_for(system: AnySystem, trace: DraftTrace, name: str) -> RolloutTrace:
    """Return the trace of a system with a draft model.

    Raises
    ------
    AhasdError
        It is none of a draft's rollouts.
    """
    if isinstance(trace, RolloutTrace):
        return trace
    raise AhasdError(
        f"trace {name} is of heads' guesses; system '{system.name}' drafts with a model and needs its rollouts: give "
        f"it a rollout trace, such as {DEFAULT_TRACE}, or leave --trace out"
    )


def check_batch(system: AnySystem, batch: int) -> None:
    """See that several texts at once are modelled.

    Raises
    ------
    AhasdError
        They are not.
    """
    if batch > 1 and not isinstance(system, TreeSystem | AutoregressiveSystem):
        raise AhasdError(
            f"batch {batch}: system '{system.name}' is modelled for one text at a time; several are modelled of "
            "systems with trees and of the target alone"
        )


def on_this_hardware(system: AnySystem, hardware: Hardware, changes: Sequence[str]) -> AnySystem:
    """Return a tree system on the device that the hardware has, unless a user named one."""
    named = any(change.startswith("system.target_device=") for change in changes)
    if not isinstance(system, TreeSystem) or named or has_device(hardware, system.target_device):
        return system
    found = next((device for device in _INSTEAD if has_device(hardware, device)), None)
    return system if found is None else system.model_copy(update={"target_device": found})


def on_heads(stated: AlgorithmSpec) -> DraftsBy:
    """Return a drafting algorithm as it works on heads' guesses.

    Raises
    ------
    AhasdError
        It is calibrated, or needs an acceptance head: of heads' guesses there is neither.
    """
    if stated.to_calibrate is not None or stated.mean_draft_length is not None:
        raise AhasdError(
            f"algorithm {stated}: thresholds are calibrated on rollouts of a draft; state them for heads"
        )
    if stated.algorithm.needs_predicted_acceptance:
        raise AhasdError(
            f"algorithm {stated} needs an acceptance head on a draft; heads that guess have none"
        )
    return stated
