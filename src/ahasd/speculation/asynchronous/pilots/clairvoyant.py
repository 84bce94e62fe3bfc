"""Control that knows the fates of all tokens in advance: close to the best that control can do."""

from functools import lru_cache
from math import inf
from typing import NamedTuple

from ahasd.hardware.step_table import StepCosts
from ahasd.speculation.control.pilot import PassChoice, Pilot, StepChoice
from ahasd.speculation.machine import Machine
from ahasd.traces.rollout.walk import DraftChain, TraceWalk

#: Accepted tokens after which a pass is due even if the chain goes on (ours): the caches have room for 64.
WINDOW = 48

#: States that are followed with the same number of emitted tokens, the fastest first (ours). There are more only
#: where ways through the trace have parted at the ends of prompts.
BEAM = 16

#: Row and wrap of a chain's first token, and the tokens of the text that the draft has not been fed.
State = tuple[int, int, int]


class _Reached(NamedTuple):
    """The fastest way to a state: seconds, its chain, and the state before with the tokens drafted there."""

    seconds: float
    chain: DraftChain
    before: tuple[int, State, int] | None


class ChainDurations:
    """Seconds from the start of a chain until its first k tokens and one of the target's own are emitted.

    The last pass cannot start before the k-th token is drafted, and it ends the chain: nothing that the draft does
    meanwhile can be kept but the entries of its own last token. An earlier pass can only make the last one
    narrower, and does so for nothing if it ends before token k is there: the last one that does is counted.
    """

    def __init__(self, machine: Machine, apart: bool) -> None:
        self._draft: StepCosts = machine.drafter
        self._target, self._prompt = machine.target_steps, machine.lengths.prompt
        self._apart = apart
        self._message = (machine.messages.transfer_ps + machine.messages.decision_ps) * 1e-12
        self._known: dict[tuple[int, int], list[float]] = {}
        self._last_passes: dict[int, list[float]] = {}

    def until(self, emitted: int, unseen: int, most: int) -> list[float]:
        """Durations by drafted tokens, for 0 to at least ``most`` of them."""
        known = self._known.setdefault((emitted, unseen), [])
        if len(known) <= most:
            context = self._prompt + emitted - 1
            if not known:
                known.append(self._target.seconds(1, context))
            passes = self._passes(emitted, most)
            first, step = self._first_step(context, unseen), self.step(emitted)
            known += [
                first + (tokens - 1) * step + 2 * self._message + passes[tokens]
                for tokens in range(len(known), most + 1)
            ]
        return known

    def step(self, emitted: int) -> float:
        """Duration of a draft step of one token."""
        return self._draft.seconds(1, self._prompt + emitted - 1)

    def hides_a_step(self, emitted: int, unseen: int, tokens: int) -> bool:
        """Whether the step that feeds the last accepted token fits beside the last pass."""
        context = self._prompt + emitted - 1
        step = self.step(emitted) if tokens else self._first_step(context, unseen)
        return self._target.seconds(1, context + tokens) >= step

    def _passes(self, emitted: int, most: int) -> list[float]:
        """Durations of the last pass, likewise."""
        passes = self._last_passes.setdefault(emitted, [])
        context, step = self._prompt + emitted - 1, self.step(emitted)
        for tokens in range(len(passes), most + 1):
            covered = early_cover(tokens, step, self._target.seconds(tokens, context)) if tokens else 0
            passes.append(self._target.seconds(1 + tokens - covered, context + covered))
        return passes

    def _first_step(self, context: int, unseen: int) -> float:
        if unseen > 1 and self._apart:
            return self._draft.seconds(unseen - 1, context) + self._draft.seconds(1, context)
        return self._draft.seconds(unseen, context)


def early_cover(tokens: int, step_s: float, pass_s: float) -> int:
    """Tokens verified by a pass that ends before the last of ``tokens`` is drafted; 0 if none can."""
    covered = tokens - int(pass_s / step_s) - 1 if step_s else 0
    return covered + 1 if covered > 0 else 0


def plan(
    machine: Machine, apart: bool, walk: TraceWalk, tokens: int, cuts: bool = True
) -> dict[tuple[int, int, int], int]:
    """How many tokens to draft on each chain.

    A dynamic programme forward over the emitted tokens. A state is where the text stands in the trace; from it k
    accepted tokens may be drafted, up to the first rejection, then the target adds one of its own. Where the
    text stands decides the coins of what follows, so that it can pay to cut a chain short.

    Parameters
    ----------
    apart
        Whether the draft catches up in a step of its own.
    cuts
        False: every chain is drafted exactly up to its first rejection.

    Returns
    -------
    dict
        {(row, wrap, tokens emitted): k}, of the chains on the fastest way.
    """
    durations, wraps = _durations(machine, apart), walk.wraps
    first = walk.start()
    layers: list[dict[State, _Reached]] = [{} for _ in range(tokens)]
    layers[0][first.row, first.wrap, 1] = _Reached(0.0, first, None)
    best: tuple[float, int, State, int] | None = None
    runs: dict[tuple[int, int], int] = {}
    following: dict[tuple[int, int], dict[int, DraftChain]] = {}
    for emitted, reached_here in enumerate(layers):
        # The target's own token comes for nothing, so the last token need not be drafted.
        most = tokens - emitted - 1
        for state, reached in _fastest(reached_here):
            row, wrap, unseen = state
            start = row, wrap
            if start not in runs:
                runs[start], following[start] = reached.chain.leading_accepted(tokens), {}
            run, ends = min(runs[start], most), following[start]
            seconds_until = durations.until(emitted, unseen, run)
            for k in range(run + 1) if cuts else (run,):
                seconds = reached.seconds + seconds_until[k]
                if k == most:
                    if best is None or seconds < best[0]:
                        best = seconds, emitted, state, k
                    continue
                chain = ends.get(k)
                if chain is None:
                    chain = ends[k] = walk.after(reached.chain, k)
                fed = k == run == runs[start] and durations.hides_a_step(emitted, unseen, k)
                left = 1 if fed else (2 if k else unseen + 1)
                key, layer = (chain.row, chain.wrap, left), layers[emitted + k + 1]
                known = layer.get(key)
                if known is None or seconds < known.seconds:
                    layer[key] = _Reached(seconds, chain, (emitted, state, k))
    walk.wraps = wraps
    assert best is not None, "every text can be completed without a draft"
    _, emitted, state, k = best
    lengths = {(state[0], state[1], emitted): k}
    while (before := layers[emitted][state].before) is not None:
        emitted, state, k = before
        lengths[state[0], state[1], emitted] = k
    return lengths


@lru_cache(maxsize=1)
def _durations(machine: Machine, apart: bool) -> ChainDurations:
    """A machine's durations, which one run after the other asks for."""
    return ChainDurations(machine, apart)


def _fastest(layer: dict[State, _Reached]) -> list[tuple[State, _Reached]]:
    """The fastest states with so many tokens emitted."""
    return sorted(layer.items(), key=lambda item: item[1].seconds)[:BEAM]


class Clairvoyant(Pilot):
    """Drafts on each chain what the plan says, and verifies it in one pass, with earlier ones where they are free.

    While the last pass runs it drafts the token that will be rejected, if that fits: the draft is then fed up to
    its last accepted token.
    """

    def __init__(self, lengths: dict[tuple[int, int, int], int]) -> None:
        self._lengths = lengths

    def starts_pass(self, choice: PassChoice) -> bool:
        """Whether all that is to be drafted is there, or a pass would cost nothing."""
        wanted = self._wanted(choice.chain, choice.base)
        missing = wanted - choice.visible
        if missing <= 0 or choice.visible - choice.verified >= WINDOW or choice.next_token_s == inf:
            return True
        if choice.visible == choice.verified:
            return False
        free, one_less = missing * choice.draft_s, (missing - 1) * choice.draft_s
        return one_less < choice.pass_s <= free

    def drafts(self, choice: StepChoice) -> bool:
        """Whether the token is wanted, or its step is hidden behind the pass that rejects it."""
        wanted = self._wanted(choice.chain, choice.base)
        if choice.drafted < wanted:
            return True
        ends_here = choice.chain.leading_accepted(wanted + 1) == wanted
        last_pass = choice.covered is not None and choice.covered >= wanted
        return ends_here and last_pass and choice.drafted == wanted and choice.left_s >= choice.draft_s

    def judged(self, chain: DraftChain, verified: int, until: int, rejected: bool) -> None:
        """Nothing that was not known."""

    def _wanted(self, chain: DraftChain, base: int) -> int:
        """The plan's length; up to the first rejection where the run has left the plan."""
        wanted = self._lengths.get((chain.row, chain.wrap, base))
        return chain.leading_accepted(WINDOW) if wanted is None else wanted
