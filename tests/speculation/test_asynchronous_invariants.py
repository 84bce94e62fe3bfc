"""Thousands of small asynchronous schedules with random costs, traces, policies and options: what always holds."""

from bisect import bisect_right
from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ahasd.simulation.timeline import energy_of
from ahasd.speculation.model_step import WASTED, Fate
from ahasd.traces.rollout.rollout import RolloutTrace

from ..policies import EntropyAbove, Listening

PROMPT = 8


def affine(base: int, per_token: int, per_entry: int) -> Any:
    return lambda width, context: base + per_token * width + per_entry * context // 4


@st.composite
def coin_tables(draw: st.DrawFn) -> tuple[list[list[int]], list[int], list[list[float]]]:
    rows, steps = draw(st.integers(1, 12)), draw(st.integers(1, 6))
    generator = np.random.Generator(np.random.PCG64(draw(st.integers(0, 2**32))))
    acceptance = draw(st.sampled_from([0.0, 0.3, 0.7, 0.9, 1.0]))
    coins = (generator.random((rows, steps)) < acceptance).astype(int)
    cuts = draw(st.lists(st.integers(1, rows - 1), max_size=2, unique=True)) if rows > 1 else []
    return coins.tolist(), [0, *sorted(cuts), rows], generator.choice([0.5, 1.5, 2.5], (rows, steps)).tolist()


@st.composite
def machines(draw: st.DrawFn) -> dict[str, Any]:
    """Keyword arguments of `setting_of`."""
    small = st.integers(0, 15)
    lowest = draw(st.integers(2, 40))
    ideal = {
        f"ideal_{name}": draw(st.booleans())
        for name in (
            "rank_sharing",
            "bus_sharing",
            "control_latency",
            "gating",
            "vector_wait",
            "kv_entries",
        )
    }
    initial = draw(st.integers(0, 3))
    edc, tvc, room = draw(st.booleans()), draw(st.booleans()), draw(st.integers(1, 3))
    pending = 1 if edc or tvc else draw(st.integers(1, room))
    return {
        "draft": affine(lowest, draw(st.integers(0, 5)), draw(st.integers(0, 1))),
        "target": affine(draw(st.integers(1, 150)), draw(st.integers(0, 20)), draw(st.integers(0, 2))),
        "preverify": affine(draw(st.integers(1, 40)), draw(st.integers(0, 20)), 0),
        "transfer": draw(small),
        "decision": draw(st.integers(0, 5)),
        "gate": draw(st.sampled_from([0, 0, 1, 3])),
        "polling": draw(st.sampled_from([0, 0, 3, 10])),
        "layers": draw(st.sampled_from([1, 2, 40])),
        "preverification": draw(st.sampled_from(["recompute", "follow", "race"])),
        "placement": draw(st.sampled_from(["apart", "interleaved"])),
        "draft_bus": draw(st.integers(0, lowest - 1)),
        "vector_work": draw(st.integers(0, lowest - 1)),
        "preverify_bus": draw(small),
        "aau": draw(st.booleans()),
        "edc": edc,
        "tvc": tvc,
        "minimum_pending": pending,
        "look_ahead_limit": draw(st.none() | st.integers(pending, 8)),
        "catch_up": draw(st.sampled_from(["merged", "separate"])),
        "vector_wait": draw(st.sampled_from(["behind", "let_in"])),
        "verify": draw(st.sampled_from(["oldest", "coalesce"])),
        "coalesce_limit": draw(st.integers(1, 12)),
        "draft_operators": draw(st.integers(1, 9)),
        "target_operators": draw(st.integers(1, 9)),
        "queues": {
            "unverified_drafts": room,
            "feedback": draw(st.integers(1, 3)),
            "preverification": draw(st.integers(1, 3)),
        },
        "edc_options": {
            "initial_counter": initial,
            "entropy_maximum": 4.0,
            "trained_index": draw(st.sampled_from(["carried", "recomputed"])),
            "llr_after_rollback": draw(st.sampled_from(["zero", "decrement"])),
            "newest": draw(st.sampled_from(["H0", "H7"])),
        },
        "tvc_options": {"latency_model": draw(st.sampled_from(["proportional", "affine"]))},
        **ideal,
    }


rules = st.builds(EntropyAbove, st.integers(1, 5), st.sampled_from([1.0, 2.0, 9.0]))


# The fixtures are functions without state.
@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(machines(), coin_tables(), rules, st.integers(1, 40), st.integers(0, 3))
def test_invariants(setting_of, trace_of, watch, options, table, rule, tokens, seed):
    coins, prompts, entropy = table
    trace = trace_of(coins, prompts, entropy)
    machine = setting_of(**options)
    policy = Listening(rule)
    seen = watch(machine, trace, tokens, policy, seed)
    check_tokens(seen, tokens)
    check_text(seen, trace)
    check_verdicts(seen, policy)
    check_tracks(seen)
    check_work(seen, machine)
    check_causality(seen, machine)
    check_shares(seen)


def check_tokens(seen: Any, tokens: int) -> None:
    """One fate for each drafted token, one origin for each emitted one."""
    ledger, tasks = seen.outcome.ledger, seen.outcome.timeline.tasks
    assert ledger.drafted == ledger.accepted + ledger.rejected + ledger.flushed + ledger.in_flight
    assert ledger.emitted - ledger.cut == tokens
    assert ledger.emitted == sum(count for _, count in seen.text.emissions)
    assert ledger.emitted == ledger.accepted + len(seen.text.turns)
    # The ledger, the record of the text and the fates on the timeline say the same.
    fates = [str(task.fate) for _, task in seen.text.steps]
    assert ledger.drafted == len(fates)
    for fate in ("accepted", "rejected", "flushed", "in_flight"):
        assert getattr(ledger, fate) == fates.count(fate)
    assert ledger.rejected == sum(turn.rejected for turn in seen.text.turns)
    # Passes that ended, by the time of the last token.
    target_tasks = [task for task in tasks if task.kind in ("verify", "preverify")]
    ended = [task for task in target_tasks if task.fate in (Fate.USED, Fate.DROPPED)]
    assert ledger.verifications == len(ended) == sum(ledger.accepted_histogram.values())
    by_passes = sum(accepted * passes for accepted, passes in ledger.accepted_histogram.items())
    assert by_passes == ledger.accepted
    tvc = seen.outcome.tvc
    if tvc is not None:
        preverified = [task for task in tasks if task.kind == "preverify"]
        assert tvc.useful <= tvc.tokens
        assert (tvc.useful > 0) == any(task.fate is Fate.USED for task in preverified)
        assert tvc.inserted >= len(preverified)  # one may start after the last token


def check_text(seen: Any, trace: RolloutTrace) -> None:
    """The emitted text is that of a plain walk over rows and coins."""
    walk = PlainWalk(trace)
    row = seen.text.first.row
    for turn in seen.text.turns:
        assert turn.chain.row == row
        points = walk.chain(row, turn.accepted + 1)
        assert all(trace.accepted[point] for point in points[: turn.accepted])
        if turn.rejected:
            assert not trace.accepted[points[turn.accepted]]
        row = walk.after(row, turn.accepted)
        assert turn.following.row == row
    # The last chain's tokens so far.
    rest = seen.outcome.ledger.emitted - sum(turn.accepted + 1 for turn in seen.text.turns)
    assert all(trace.accepted[point] for point in walk.chain(row, rest))


def check_verdicts(seen: Any, policy: Listening) -> None:
    """The policy hears of each batch once at most, in order; EDC hears of those that were closed."""
    started = policy.of("start")
    assert started == [("start", number) for number in range(len(started))]
    rounds = [number for number, *_ in policy.told]
    assert rounds == sorted(set(rounds))
    ledger = seen.outcome.ledger
    assert sum(accepted for _, _, accepted, _ in policy.told) <= ledger.accepted
    assert sum(accepted < drafted for _, drafted, accepted, _ in policy.told) <= ledger.rejected
    assert all(seconds > 0 for *_, seconds in policy.told)
    if seen.outcome.edc is not None:
        # EDC is not asked about a batch under way, whose first token may be judged and rejected all the same.
        under_way = len(rounds) - seen.outcome.edc.judged
        assert 0 <= under_way <= ledger.rejected


class PlainWalk:
    """The contract's walk of a trace by rows alone."""

    def __init__(self, trace: RolloutTrace) -> None:
        self.steps, self.starts = trace.steps, trace.prompt_start.tolist()

    def on(self, row: int, count: int) -> int:
        end = self.starts[bisect_right(self.starts, row)]
        return (row + count if row + count < end else end) % self.starts[-1]

    def chain(self, row: int, tokens: int) -> list[tuple[int, int]]:
        """(row, step) of the first tokens of a chain, all before the last being accepted."""
        points = []
        for offset in range(tokens):
            if offset and offset % self.steps == 0:
                row = self.on(row, self.steps)
            points.append((row, offset % self.steps))
        return points

    def after(self, row: int, accepted: int) -> int:
        (last, step) = self.chain(row, accepted + 1)[-1]
        return self.on(last, step + 1)


def check_tracks(seen: Any) -> None:
    """A device does one thing at a time, and none works longer than the run takes."""
    end = seen.outcome.end
    for track in ("npu", "pim"):
        tasks = [task for task in seen.outcome.timeline.tasks if task.track == track]
        assert all(before.end <= after.start for before, after in pairwise(tasks))
        assert all(task.blocked >= 0 and task.start < task.end for task in tasks)
        assert sum(min(task.end, end) - task.start for task in tasks) <= end


def check_work(seen: Any, machine: Any) -> None:
    """What a task took is its own work, as far as it was done, and what it waited for the other side."""
    for task in seen.outcome.timeline.tasks:
        assert 0 <= task.done <= 1
        work = task.cost.seconds * 1e12
        on_npu = task.kind in ("draft", "catch_up") and not machine.system.aau
        vector_work = round(task.cost.host_seconds * 1e12) if on_npu else 0  # the PIM stands by meanwhile
        waited = task.blocked - vector_work
        # Both times are rounded to picoseconds.
        assert abs(task.end - task.start - waited - task.done * work) <= 1.5
        if task.done < 1:
            # Stopped by a pre-verification, or by the end of the run.
            assert task.end == seen.outcome.end or task.fate is Fate.DROPPED


def check_causality(seen: Any, machine: Any) -> None:
    """Nothing is used before it exists, on the side that uses it."""
    transfer = machine.machine.messages.transfer_ps
    born = {seen.text.first: (0, 0)} | {turn.following: (turn.time, 0) for turn in seen.text.turns}
    emitted = 0
    for turn in seen.text.turns:
        emitted += turn.accepted + 1
        born[turn.following] = (turn.time + transfer, emitted)
    drafted: dict[Any, list[int]] = {chain: [] for chain in born}
    for chain, task in seen.text.steps:
        available, base = born[chain]
        assert task.start >= available, "drafted on a chain of which the drafter did not know"
        assert task.context + task.width == PROMPT + base + len(drafted[chain])
        drafted[chain].append(task.end)
    fed = PROMPT - 1
    for task in seen.outcome.timeline.tasks:
        if task.kind in ("draft", "catch_up"):
            assert task.context <= fed, "the draft skipped a token of the text"
            fed = task.context + task.width
    switch = round(machine.machine.clocks.rank_switch_s * 1e12)
    passes = [task for task in seen.outcome.timeline.tasks if task.kind == "verify"]
    for task in seen.outcome.timeline.tasks:
        if task.kind not in ("verify", "preverify"):
            continue
        on_npu = task.kind == "verify"
        decided = task.start if on_npu else task.start - switch
        out = sum(count for time, count in seen.text.emissions if time <= decided)
        chain = ([turn.following for turn in seen.text.turns if turn.time <= decided] or [seen.text.first])[
            -1
        ]
        follows = machine.system.preverification == "follow"
        assumes = machine.system.preverification == "recompute" and machine.system.ideal_kv_entries
        if task.kind == "preverify" and (follows or assumes):
            followed = [one for one in passes if one.start <= decided][-1]
            assert task.context == followed.context + followed.width - 1, "entries of the pass before it"
            if follows and task.fate is Fate.USED:
                assert followed.fate is Fate.USED, "a commit on top of what was dropped"
                assert followed.end < task.end or not task.cost.seconds, "entries that do not exist yet"
        else:
            assert task.context == PROMPT + out - 1, "KV entries are those of the text"
        seen_by = decided - (transfer if on_npu else 0)
        there = sum(end <= seen_by for end in drafted[chain])
        assert task.context + task.width <= PROMPT + born[chain][1] + there, "a token before it was drafted"


def check_shares(seen: Any) -> None:
    """Busy, blocked and idle make up the time; wasted energy is a part of the energy."""
    timeline, end = seen.outcome.timeline, seen.outcome.end
    for track in ("npu", "pim"):
        busy, blocked = timeline.busy_and_blocked(track, end)
        assert busy >= 0
        assert blocked >= 0
        assert busy + blocked <= end
    every = timeline.energy(end)
    wasted = energy_of([task for task in timeline.tasks if task.fate in WASTED], end)
    assert seen.outcome.wasted_j == sum(wasted.values())
    assert all(0 <= wasted[name] <= every[name] + 1e-9 for name in every)
    useful = sum(
        task.cost.joules * task.share_until(end) for task in timeline.tasks if task.fate not in WASTED
    )
    assert abs(sum(every.values()) - sum(wasted.values()) - useful) <= 1e-9 * max(1.0, useful)
    for queue in seen.outcome.queues.values():
        assert 0 <= queue.mean <= queue.maximum <= 3
        assert 0 <= queue.full_s <= end * 1e-12 * (1 + 1e-9)
