"""Which of several ways to use the same hardware: each is tried on prompts that are then left out."""

from collections.abc import Callable
from dataclasses import replace

from ahasd.errors import AhasdError
from ahasd.speculation.build_schedule import build_schedule
from ahasd.speculation.drafting.specification import build_policy
from ahasd.speculation.machine import PlacedMachine
from ahasd.speculation.options import SystemPreset, load_system
from ahasd.systems.configuration import Resolved, assign_system
from ahasd.traces.rollout.synthetic import synthesize
from ahasd.traces.rollout.walk import TraceWalk

#: Tokens of a trial, and the acceptance that is supposed where no prompt can be spared for it (ours).
TRIAL_TOKENS, PRIOR_ACCEPTANCE = 128, 0.7


def choose(resolved: Resolved, build: Callable[[Resolved], PlacedMachine]) -> Resolved:
    """Settle a system that has ``alternatives`` on the fastest of itself, them, and each of them without its draft.

    A machine can predict what its steps cost; how often its draft is right it must have seen. So every alternative
    is simulated on held-out prompts (a quarter, as for calibrated thresholds), which the run does not see. On a
    trace with a single prompt an acceptance of 0.7 is supposed instead. What ``--set`` changes of the system is
    changed in its alternatives as well. What does not fit, also not with these changes, is no alternative.

    Parameters
    ----------
    build
        Places a configuration on its hardware.

    Returns
    -------
    Resolved
        With the chosen system under its own name, without alternatives.
    """
    system = resolved.system
    if not system.alternatives or resolved.algorithm is None:
        return resolved
    if resolved.trace.prompts > 1:
        trial, rest = resolved.trace.split_prompts()
    else:
        trial, rest = synthesize(PRIOR_ACCEPTANCE, 0.5), resolved.trace
    best, best_picoseconds = system.model_copy(update={"alternatives": ()}), None
    for number, candidate in enumerate(_candidates(resolved)):
        attempt = _settled(resolved, candidate)
        try:
            machine = build(attempt)
        except AhasdError:
            if number == 0:
                raise  # the system itself says what does not fit
            continue
        policy = build_policy(attempt.algorithm) if attempt.algorithm is not None else None
        tokens = min(TRIAL_TOKENS, resolved.configuration.tokens)
        end = (
            build_schedule(machine).run(TraceWalk(trial, 0, resolved.configuration.coins), policy, tokens).end
        )
        if best_picoseconds is None or end < best_picoseconds:
            best, best_picoseconds = candidate, end
    return replace(_settled(resolved, best), trace=rest)


def _candidates(resolved: Resolved) -> list[SystemPreset]:
    """The system itself, then its alternatives."""
    system, found = resolved.system, [resolved.system]
    for name in system.alternatives:
        try:
            other = assign_system(load_system(name), resolved.configuration.set)
        except AhasdError:
            continue
        found.append(other)
        if other.schedule != "autoregressive":
            found.append(other.without_speculation())
    about = {"name": system.name, "description": system.description, "alternatives": ()}
    return [candidate.model_copy(update=about) for candidate in found]


def _settled(resolved: Resolved, system: SystemPreset) -> Resolved:
    alone = system.schedule == "autoregressive"
    return replace(resolved, system=system, algorithm=None if alone else resolved.algorithm)
