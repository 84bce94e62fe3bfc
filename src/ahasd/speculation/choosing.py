"""Which of several ways to use the same hardware: each is tried on prompts that are then left out."""

from collections.abc import Callable
from dataclasses import replace

from ahasd.errors import AhasdError
from ahasd.family.changes import change_system, changes_that_apply
from ahasd.speculation.build_schedule import build_schedule
from ahasd.speculation.configuration import Resolved
from ahasd.speculation.options.read import SYSTEMS
from ahasd.speculation.options.system import AnySystem, DraftingSystem
from ahasd.speculation.place import PlacedMachine
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
    if not isinstance(system, DraftingSystem) or not system.alternatives:
        return resolved
    if resolved.rollout.prompts > 1:
        trial, rest = resolved.rollout.split_prompts()
    else:
        trial, rest = synthesize(PRIOR_ACCEPTANCE, 0.5), resolved.rollout
    best: AnySystem = resolved.system
    best_picoseconds = None
    for number, candidate in enumerate(_candidates(resolved, system)):
        attempt = _settled(resolved, candidate)
        try:
            machine = build(attempt).machine
        except AhasdError:
            if number == 0:
                raise  # the system itself says what does not fit
            continue
        policy = attempt.algorithm.fresh_policy() if attempt.algorithm is not None else None
        tokens = min(TRIAL_TOKENS, resolved.configuration.tokens)
        walk = TraceWalk(trial, 0, resolved.configuration.coins)
        end = build_schedule(machine, candidate, pilot=resolved.own.control).run(walk, policy, tokens).end
        if best_picoseconds is None or end < best_picoseconds:
            best, best_picoseconds = candidate, end
    return replace(_settled(resolved, best), trace=rest)


def _candidates(resolved: Resolved, system: DraftingSystem) -> list[AnySystem]:
    """The system itself, then its alternatives, all under its name."""
    found: list[AnySystem] = [resolved.system]
    for name in system.alternatives:
        other = SYSTEMS.load(name)
        try:
            other = change_system(other, changes_that_apply(other, resolved.configuration.set))
        except AhasdError:
            continue
        found.append(other)
        if isinstance(other, DraftingSystem):
            found.append(other.without_speculation())
    about = {"name": system.name, "description": system.description}
    return [
        candidate.model_copy(
            update=about | ({"alternatives": ()} if isinstance(candidate, DraftingSystem) else {})
        )
        for candidate in found
    ]


def _settled(resolved: Resolved, system: AnySystem) -> Resolved:
    algorithm = resolved.algorithm if isinstance(system, DraftingSystem) else None
    return replace(resolved, system=system, algorithm=algorithm)
