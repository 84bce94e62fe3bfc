"""Whether speculative decoding pays with a pair, here: measured steps, sampled acceptance, simulated schedules."""

from collections.abc import Sequence
from dataclasses import dataclass

from ahasd.decoding.models.emulated_latency import EmulatedLatency
from ahasd.errors import AhasdError
from ahasd.intervals import Interval
from ahasd.prediction.break_even import BreakEven, find_break_even
from ahasd.prediction.measured_runtime import MeasuredRuntime, SimulatedMethod
from ahasd.prediction.measurement import PredictionBasis
from ahasd.prediction.ratio import ratio
from ahasd.prediction.trees.tree_forecast import TreeForecast
from ahasd.processors import usable_processors
from ahasd.speculation.drafting.calibrate import calibrate
from ahasd.speculation.drafting.specification import AlgorithmSpec, parse_algorithm
from ahasd.traces.rollout.rollout import RolloutTrace


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a method and an algorithm are expected to do here.

    Attributes
    ----------
    algorithm
        "" for the target alone.
    tokens, seconds
        Of all prompts, prefill apart.
    speedup
        Over the target alone; its interval is that over the prompts.
    acceptance
        Of the drafts that were judged, over the prompts; None for the target alone.
    mean_acceptance_length
        Tokens that a target pass yields.
    drafted, accepted
        Tokens.
    """

    method: SimulatedMethod
    algorithm: str
    tokens: int
    seconds: float
    speedup: Interval
    acceptance: Interval | None
    mean_acceptance_length: float
    drafted: int
    accepted: int

    @property
    def tokens_per_second(self) -> float:
        """Of decoding."""
        return self.tokens / self.seconds

    @property
    def pays(self) -> bool | None:
        """Whether it beats the target alone; None if the prompts leave that open."""
        half = self.speedup.half_width
        if half is None:
            return None
        if self.speedup.mean - half > 1:
            return True
        return False if self.speedup.mean + half < 1 else None


@dataclass(frozen=True, slots=True)
class Prediction:
    """All that is foretold, and from what.

    Attributes
    ----------
    pair
        Names of the models.
    devices
        That draft and target run on.
    measured, latency
        What it is made from; the latency is emulated.
    forecasts
        The fastest first; the target alone is among them.
    break_even
        Of the fastest that drafts.
    threads, cores
        Of torch in each process; that this process may use.
    models
        The options of the command line that name this pair.
    load
        Processes at work for each processor before steps were timed; None where it is not known.
    trees
        What trees of guesses would do, the fastest first; empty where they were not asked for, or nothing guesses.
    """

    pair: str
    devices: tuple[str, str]
    measured: PredictionBasis
    latency: EmulatedLatency
    forecasts: tuple[Forecast, ...]
    break_even: BreakEven
    threads: int
    cores: int
    models: str = ""
    load: float | None = None
    trees: tuple[TreeForecast, ...] = ()

    @property
    def alone(self) -> Forecast:
        """The target alone."""
        return next(each for each in self.forecasts if not each.algorithm)

    @property
    def best(self) -> Forecast:
        """The fastest that drafts."""
        return next(each for each in self.forecasts if each.algorithm)

    @property
    def alike(self) -> list[list[Forecast]]:
        """The forecasts, those of a method that come out alike together."""
        groups: dict[tuple[str, float], list[Forecast]] = {}
        for each in self.forecasts:
            groups.setdefault((each.method, each.seconds), []).append(each)
        return list(groups.values())


def predict(
    measured: PredictionBasis,
    methods: Sequence[SimulatedMethod],
    algorithms: Sequence[str],
    pair: str,
    latency: EmulatedLatency,
    threads: int,
) -> Prediction:
    """Simulate every method with every algorithm; parameters as in `Prediction`.

    Raises
    ------
    AhasdError
        If an algorithm cannot be used.
    """
    trace, runtime = measured.trace, measured.runtime
    pairs = candidates(methods, algorithms, trace)
    alone = seconds_alone(runtime, trace)
    made = [(forecast(runtime, method, spec, trace, alone), method, spec) for method, spec in pairs]
    made.sort(key=lambda each: each[0].seconds)
    _, method, spec = next(each for each in made if each[2] is not None)
    assert spec is not None
    return Prediction(
        pair,
        measured.devices,
        measured,
        latency,
        tuple(each[0] for each in made),
        find_break_even(runtime, method, spec, trace),
        threads,
        usable_processors(),
    )


def candidates(
    methods: Sequence[SimulatedMethod], algorithms: Sequence[str], trace: RolloutTrace
) -> list[tuple[SimulatedMethod, AlgorithmSpec | None]]:
    """Pair methods with algorithms; a threshold to be calibrated is calibrated on the trace.

    Raises
    ------
    AhasdError
        If an algorithm is not valid, or reads an acceptance head that the draft has not.
    """
    specs = []
    for text in algorithms:
        spec = parse_algorithm(text)
        if spec.algorithm.needs_predicted_acceptance and trace.predicted_acceptance is None:
            raise AhasdError(
                f"algorithm '{text}' reads an acceptance head, and draft '{trace.header.draft}' has none "
                "(acceptance_head.safetensors in its folder); leave it out"
            )
        specs.append(spec if spec.to_calibrate is None else calibrate(spec, trace))
    drafting = [method for method in methods if method != "autoregressive"]
    return [("autoregressive", None), *((method, spec) for method in drafting for spec in specs)]


def seconds_alone(runtime: MeasuredRuntime, trace: RolloutTrace) -> list[float]:
    """How long the target alone takes over each prompt of the trace."""
    parts = (trace.select_prompts([prompt]) for prompt in range(trace.prompts))
    return [runtime.run("autoregressive", None, part, part.positions).end * 1e-12 for part in parts]


def forecast(
    runtime: MeasuredRuntime,
    method: SimulatedMethod,
    algorithm: AlgorithmSpec | None,
    trace: RolloutTrace,
    alone: Sequence[float],
) -> Forecast:
    """Simulate every prompt of the trace apart, as the runtime decodes them: each as long as it was recorded.

    ``alone`` is what `seconds_alone` gives.
    """
    parts = [trace.select_prompts([prompt]) for prompt in range(trace.prompts)]
    outcomes = [runtime.run(method, algorithm, part, part.positions) for part in parts]
    seconds = [outcome.end * 1e-12 for outcome in outcomes]
    ledgers = [outcome.ledger for outcome in outcomes]
    judged = [ledger.judged for ledger in ledgers]
    return Forecast(
        method,
        "" if algorithm is None else str(algorithm),
        trace.positions,
        sum(seconds),
        ratio(alone, seconds),
        ratio([ledger.accepted for ledger in ledgers], judged) if sum(judged) else None,
        sum(ledger.emitted for ledger in ledgers) / sum(ledger.verifications for ledger in ledgers),
        sum(ledger.drafted for ledger in ledgers),
        sum(ledger.accepted for ledger in ledgers),
    )
