"""Replays of routing: decisions (a token in a layer) for each second of CPU time.

Run with ``python benchmarks/replay_speed.py``. Ratios are to a loop that looks the same experts up in a set.
"""

from statistics import median
from time import process_time

from ahasd.experts.cache.policies import parse_policy
from ahasd.experts.replay import replay
from ahasd.traces.routing.synthetic import SyntheticRouting, synthesize
from support.figures import Figure, show

REPEATS = 5
#: A quarter of 64 experts resident, six to a token.
ROUTING = SyntheticRouting(experts=64, top=6, layers=4, tokens=8000, prompts=4, zipf=0.8, repeat=0.3, depth=0)
SLOTS = 16
TARGETS = {"lru": 200_000, "mrs": 200_000, "lfu": None, "lfru": None, "belady": None}


def main() -> None:
    """Measure and print."""
    trace = synthesize(ROUTING)
    decisions = trace.tokens * trace.layers
    seconds: dict[str, list[float]] = {name: [] for name in (*TARGETS, "look-up")}
    resident = set(range(SLOTS))
    for _ in range(REPEATS):  # in turns, so that a busy moment of the machine meets all of them
        for name in TARGETS:
            began = process_time()
            replay(trace, parse_policy(name), SLOTS)
            seconds[name].append(process_time() - began)
        began = process_time()
        for layer in range(trace.layers):
            for taken in trace.chosen[:, layer].tolist():
                sum(expert in resident for expert in taken)
        seconds["look-up"].append(process_time() - began)
    plain = median(seconds["look-up"])
    figures = []
    for name, target in TARGETS.items():
        taken_s = median(seconds[name])
        rate = decisions / taken_s / 1e3
        figures.append(
            Figure(f"{name}, thousand decisions", rate, "/s", at_least=target / 1e3 if target else None)
        )
        figures.append(Figure("  time as a ratio to looking experts up", taken_s / plain, "x"))
    show(f"Replay of {decisions} decisions, {ROUTING.top} of {ROUTING.experts} experts", figures)


if __name__ == "__main__":
    main()
