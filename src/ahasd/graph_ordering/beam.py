"""An order by a search that keeps only the most promising states, for graphs that are too wide for all of them."""

from ahasd.graph_ordering.fusion import FusedProblem
from ahasd.graph_ordering.states import State, StateSpace, moves_since, numbers

#: States kept from step to step (ours: wider finds little more and costs as much more).
WIDTH = 64


def beam(problem: FusedProblem, width: int = WIDTH) -> list[int]:
    """Macros in an order of a low peak.

    A step runs one more macro from every state that was kept, and all that costs nothing there; of what comes of it,
    the states of the lowest peak so far are kept, of equals those that hold the fewest bytes.
    """
    states = StateSpace(problem)
    kept: list[tuple[int, State]] = [(problem.given, states.first())]
    while True:
        reached: dict[int, tuple[int, State]] = {}
        for peak, state in kept:
            states.settle(state, peak)
            if state.done == states.everything:
                return moves_since(None, state)
            for macro in numbers(state.ready):
                step = states.run(macro, state.done)
                higher, done = max(peak, state.live + step.peak), state.done | 1 << macro
                if done not in reached or reached[done][0] > higher:
                    ready = states.ready(state.ready, macro, done)
                    reached[done] = higher, State(done, state.live + step.net, ready, (macro,), state)
        kept = sorted(reached.values(), key=lambda entry: (entry[0], entry[1].live, entry[1].done))[:width]
