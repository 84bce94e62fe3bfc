"""Replays of routing: decisions (a token in a layer) for each second of CPU time.

Beside them what decides with a clock: fetching by impact in whole layers of the simulator, and HybriMoE's schedule of
a layer. Run with ``python benchmarks/replay_speed.py``. Ratios are to a loop that looks the same experts up in a set.
"""

from statistics import median
from time import process_time

from ahasd.experts.cache.policies import parse_policy
from ahasd.experts.decode.decoder import ExpertDecoder
from ahasd.experts.decode.needs import passes
from ahasd.experts.gate.gate import TopK
from ahasd.experts.layer_schedule.costs import ExpertWork, LayerCosts
from ahasd.experts.layer_schedule.schedules import layer_schedule
from ahasd.experts.prefetch.prefetch import prefetch_named
from ahasd.experts.replay import replay
from ahasd.traces.routing.synthetic import SyntheticRouting, synthesize
from support.figures import Figure, show

REPEATS = 5
#: A quarter of 64 experts resident, six to a token.
ROUTING = SyntheticRouting(experts=64, top=6, layers=4, tokens=8000, prompts=4, zipf=0.8, repeat=0.3, depth=0)
SLOTS = 16
TARGETS = {"lru": 200_000, "mrs": 200_000, "lfu": None, "lfru": None, "belady": None}

#: What an expert costs: a host that is as fast as the link, and four times slower than the processor.
COSTS = LayerCosts(processor=1e-4, host=4e-4, copy=4e-4, host_together=0.73, copy_together=0.64)

#: Experts of a layer that HybriMoE's schedule shares out, every other one resident.
TAKEN = 8


def impact_rate() -> float:
    """Layers of a simulation that fetches by impact, for each second of CPU time."""
    trace = synthesize(SyntheticRouting(experts=64, top=6, layers=8, tokens=300, prompts=1, depth=3))
    caches = [parse_policy("mrs").build(SLOTS, trace.experts, 1, []) for _ in range(trace.layers)]
    schedule = layer_schedule("hybrimoe")
    decoder = ExpertDecoder(trace, caches, prefetch_named("impact"), schedule, COSTS, dense=1e-4)
    walked = passes(trace, TopK(), 1)
    began = process_time()
    layers = sum(1 for _ in decoder.walk(walked))
    return layers / (process_time() - began)


def schedule_us() -> float:
    """Microseconds of CPU time of HybriMoE's schedule of one layer."""
    works = [ExpertWork(expert, 1, expert % 2 == 0) for expert in range(TAKEN)]
    schedule, times = layer_schedule("hybrimoe"), 20_000
    began = process_time()
    for _ in range(times):
        schedule.assign(works, COSTS)
    return (process_time() - began) / times * 1e6


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
    layers = median([impact_rate() for _ in range(3)])
    figures += [
        Figure("fetching by impact, thousand layers", layers / 1e3, "/s", at_least=1.0),
        Figure(
            f"HybriMoE's schedule, {TAKEN} experts",
            median([schedule_us() for _ in range(3)]),
            "us",
            target=50,
        ),
    ]
    show(f"Replay of {decisions} decisions, {ROUTING.top} of {ROUTING.experts} experts", figures)


if __name__ == "__main__":
    main()
