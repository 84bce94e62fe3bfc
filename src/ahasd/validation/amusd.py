"""Run logs of AMUSD (arXiv 2410.17375): alternating and asynchronous decoding on two GPUs."""

from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from ahasd.errors import AhasdError
from ahasd.hardware.step_table import MeasuredSteps
from ahasd.speculation.build_schedule import build_schedule
from ahasd.speculation.drafting.algorithms.fixed import FixedLength
from ahasd.speculation.ledger import TokenLedger
from ahasd.speculation.machine import Lengths, Machine
from ahasd.speculation.options.schedules import AsynchronousOptions, ScheduleOptions, SerialOptions
from ahasd.text_files import DATA_BYTES, parse_json, read_text
from ahasd.traces.header import TraceHeader
from ahasd.traces.rollout.rollout import RolloutTrace
from ahasd.traces.rollout.walk import TraceWalk
from ahasd.validation.reference import FileReport, PredictedRow, Reference

#: Tokens that the alternating run drafts before it verifies (the paper's look-ahead).
LOOK_AHEAD = 5
#: Drafted tokens that the asynchronous verifier waits for (the authors' code).
MINIMUM_PENDING = 2
#: Draws of the coins at bonus positions, of which the log says nothing.
SEEDS = 32


@dataclass(frozen=True, slots=True)
class Log:
    """One run: times of steps in seconds, tokens emitted by each verification."""

    draft_times: list[float]
    verify_times: list[float]
    accepted_tokens: list[int]
    total_time: float
    tokens_generated: int

    @property
    def seconds_per_token(self) -> float:
        """Without the first entry of every list, which holds warm-up."""
        seconds = self.total_time - self.draft_times[0] - self.verify_times[0]
        return seconds / (self.tokens_generated - self.accepted_tokens[0])


class Amusd(Reference):
    """Predicts the time per token of ``sd`` and ``amusd`` runs by event simulation.

    Inputs are the median verify time of the ``sd`` run, the median draft time of the run that is predicted,
    and the fates of drafted tokens in the ``sd`` run. At bonus positions, where no drafted token was tested,
    a coin with the run's mean acceptance stands in, averaged over 32 seeds.
    """

    def reads(self, name: str) -> bool:
        """Files called ``amusd_….json``."""
        return name.startswith("amusd_") and name.endswith(".json")

    def compare(self, path: Path) -> FileReport:
        """Predict both methods of every sample."""
        comparisons: list[PredictedRow] = []
        null: list[PredictedRow] = []
        for sample, logs in read_logs(path).items():
            verify = median(logs["sd"].verify_times)
            fates = drafted_fates(logs["sd"].accepted_tokens)
            for method in ("sd", "amusd"):
                draft = median(logs[method].draft_times)
                row = (("sample_index", str(sample)), ("strategy", method))
                measured = logs[method].seconds_per_token
                predicted = predict(method, fates, draft, verify)
                comparisons.append(PredictedRow(row, method, measured, predicted))
                null.append(PredictedRow(row, method, measured, null_model(method, fates, draft, verify)))
        mean_only = "mean acceptance in a closed form"
        return FileReport(path.name, "seconds per token", tuple(comparisons), tuple(null), mean_only)


def drafted_fates(accepted_tokens: list[int]) -> list[bool | None]:
    """Fate of the drafted token at each position of the text; None at bonus positions."""
    fates: list[bool | None] = []
    for emitted in accepted_tokens:
        full = emitted == LOOK_AHEAD + 1
        fates += [True] * (emitted - 1) + [None if full else False]
    return fates


def mean_acceptance(fates: list[bool | None]) -> float:
    """Share of accepted tokens among those tested."""
    known = [fate for fate in fates if fate is not None]
    return sum(known) / len(known)


def predict(method: str, fates: list[bool | None], draft: float, verify: float) -> float:
    """Seconds per token after the first verification, mean over the seeds of the unknown coins."""
    times = []
    for seed in range(SEEDS):
        trace = _trace(fates, seed)
        # The first pass is left out, as the first entries are of the measured run.
        first = _simulate(method, trace, draft, verify, tokens=1)
        whole = _simulate(method, trace, draft, verify, tokens=len(fates) - 1)
        seconds = (whole.last_emission - first.last_emission) * 1e-12
        times.append(seconds / (whole.emitted - first.emitted))
    return sum(times) / len(times)


def null_model(method: str, fates: list[bool | None], draft: float, verify: float) -> float:
    """What the mean acceptance alone says, in closed form.

    ``sd``: (γ draft + verify) over (1 - α^(γ+1)) / (1 - α) tokens (Leviathan et al., arXiv 2211.17192).
    ``amusd``: the slower side sets the pace, as if nothing were ever rejected at a cost.
    """
    acceptance = mean_acceptance(fates)
    if method == "sd":
        tokens = sum(acceptance**power for power in range(LOOK_AHEAD + 1))
        return (LOOK_AHEAD * draft + verify) / tokens
    return max(draft, verify / sum(acceptance**power for power in range(MINIMUM_PENDING + 1)))


def _simulate(method: str, trace: RolloutTrace, draft: float, verify: float, tokens: int) -> TokenLedger:
    positions = trace.positions
    # Two devices of measured speed with memories of their own; the times hold every latency between them.
    machine = Machine(
        Lengths(1, positions, look_ahead=positions),
        MeasuredSteps("target", verify),
        MeasuredSteps("draft", draft),
    )
    if method == "sd":
        options: ScheduleOptions = SerialOptions(catch_up="separate")
        length = LOOK_AHEAD
    else:
        options = AsynchronousOptions(
            verify="coalesce", coalesce_limit=positions, minimum_pending=MINIMUM_PENDING
        )
        length = 1
    walk = TraceWalk(trace, seed=0)
    return build_schedule(machine, options).run(walk, FixedLength(length), tokens).ledger


def _trace(fates: list[bool | None], seed: int, steps: int = 16) -> RolloutTrace:
    """A greedy trace of one prompt in which a drafted token's fate depends on its position alone."""
    unknown = [index for index, fate in enumerate(fates) if fate is None]
    draws = np.random.Generator(np.random.PCG64(seed)).integers(0, 2**32, len(unknown))
    limit = round(mean_acceptance(fates) * 2**32)
    known = np.array([fate is True for fate in fates] + [True] * steps)
    known[unknown] = draws < limit
    accepted = np.lib.stride_tricks.sliding_window_view(known, steps)[: len(fates)].astype(np.uint8)
    rows = len(accepted)
    nothing = np.zeros((rows, steps), np.float16)
    header = TraceHeader("draft", "target", "none", "greedy", 0.0, seed, "a run log", "validation")
    return RolloutTrace(
        header=header,
        entropy=nothing,
        draft_probability=nothing,
        acceptance_probability=accepted.astype(np.float16),
        accepted=accepted,
        target_entropy=np.zeros(rows, np.float16),
        prompt_start=np.array([0, rows], np.int32),
    )


def read_logs(path: Path) -> dict[int, dict[str, Log]]:
    """Read a log file: sample -> strategy -> run.

    Raises
    ------
    AhasdError
        It is not a log of that form; the message names file, line or entry, and field.
    """
    entries = parse_json(read_text(path, "log", DATA_BYTES), path.name)
    if not isinstance(entries, list) or not entries:
        raise AhasdError(f"{path.name}, line 1, column 1: expected a list of runs")
    samples: dict[int, dict[str, Log]] = {}
    for number, entry in enumerate(entries):
        where = f"{path.name}, entry {number}"
        if not isinstance(entry, dict) or not isinstance(entry.get("metrics"), dict):
            raise AhasdError(f"{where}, field 'metrics': missing")
        if entry.get("strategy") in ("sd", "amusd"):
            sample = entry.get("sample_index")
            if not isinstance(sample, int):
                raise AhasdError(f"{where}, field 'sample_index': not a whole number")
            samples.setdefault(sample, {})[entry["strategy"]] = _log(entry["metrics"], where)
    for sample, logs in samples.items():
        if set(logs) != {"sd", "amusd"}:
            raise AhasdError(f"{path.name}, sample {sample}: needs a run of 'sd' and one of 'amusd'")
    if not samples:
        raise AhasdError(f"{path.name}: no run of 'sd' or 'amusd'")
    return samples


def _log(metrics: dict[str, Any], where: str) -> Log:
    def numbers(field: str) -> list[float]:
        values = metrics.get(field)
        if not isinstance(values, list) or len(values) < 2:
            raise AhasdError(f"{where}, field '{field}': expected a list of at least two numbers")
        for index, value in enumerate(values):
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1e6:
                raise AhasdError(
                    f"{where}, field '{field}', item {index}: {value!r} is not a positive number"
                )
        return [float(value) for value in values]

    total, tokens = metrics.get("total_time"), metrics.get("tokens_generated")
    if not isinstance(total, (int, float)) or not 0 < total < 1e9:
        raise AhasdError(f"{where}, field 'total_time': {total!r} is not a positive number")
    accepted = [int(value) for value in numbers("accepted_tokens")]
    if not isinstance(tokens, int) or tokens <= accepted[0]:
        raise AhasdError(
            f"{where}, field 'tokens_generated': {tokens!r} is not above the first pass's tokens"
        )
    return Log(numbers("draft_times"), numbers("verify_times"), accepted, float(total), tokens)
