"""Runs that are worked out from others': the same bytes as simulating them, or simulated."""

from dataclasses import replace
from typing import Any

import pytest

from ahasd.experiments.cell import without_documents
from ahasd.experiments.shelf import Shelf
from ahasd.family.accounting import total_joules
from ahasd.hardware.step_table import MeasuredSteps
from ahasd.speculation.autoregressive import Autoregressive
from ahasd.speculation.configuration import RunConfiguration, resolve
from ahasd.speculation.drafting.policy import DraftingPolicy
from ahasd.speculation.options.schedules import AutoregressiveOptions
from ahasd.speculation.recall.alone import decode_alone
from ahasd.speculation.recall.recall import Recall
from ahasd.speculation.recall.same_times import same_times
from ahasd.speculation.run import SpeculationRun
from ahasd.traces.rollout.walk import TraceWalk

BASE = {
    "pair": "llama-3.2-1b:llama-3.1-8b",
    "tokens": 40,
    "fidelity": "first-order",
    "hardware": "module-mac",
    "trace": "synthetic:acceptance=0.8,auc=0.7,positions=400,prompts=8",
}
#: Machines that differ in energy alone, and in time.
ENERGIES = ((), ("energy.offchip_pj_per_bit=9",), ("energy.npu_static_mw=7", "energy.pim_mac_pj=0.9"))
TIMES = (("npu.clock_ghz=2",), ("memory.channel_gb_per_second=20",), ("pim.gmac_per_second=300",))
SERIAL = ("npu", "pim-only", "npu-pim-sync", "npu-pim-split")
ALGORITHMS = ("fixed:3", "adaedl:calibrated", "svip:calibrated", "specdecpp:calibrated", "banditspec-ucb")


def asked(**values: Any) -> RunConfiguration:
    return RunConfiguration.checked(**BASE | values)


class Counting(Recall):
    """Counts what was worked out."""

    recalled = 0

    def outcome(self, resolved: Any, machine: Any) -> Any:
        found = super().outcome(resolved, machine)
        self.recalled += found is not None
        return found


def check(configurations: list[RunConfiguration], seeds: tuple[int, ...] = (0, 1)) -> int:
    """Compare every run with its simulation; how many were worked out."""
    recall = Counting()
    shelf, plain = Shelf(recall=recall), Shelf()
    for configuration in configurations:
        resolved = resolve(configuration)
        for seed in seeds:
            found = shelf.run(resolved, seed, documents=False)
            expected = without_documents(plain.run(resolved, seed))
            assert found.model_dump_json() == expected.model_dump_json()
    return recall.recalled


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_serial_runs_are_worked_out_for_every_machine_unless_the_policy_asks_for_seconds(
    algorithm: str,
) -> None:
    grid = [
        asked(system=system, algorithm=algorithm, set=machine)
        for system in SERIAL
        for machine in (*ENERGIES, *TIMES)
    ]
    recalled = check(grid)
    if algorithm == "banditspec-ucb":
        assert recalled == 2 * len(SERIAL) * (len(ENERGIES) - 1)
    else:
        assert recalled == 2 * (len(grid) - 1)


@pytest.mark.parametrize("system", ["npu-pim-async", "npu-pim-async+aau+edc", "ahasd", "pearl"])
def test_runs_at_once_are_worked_out_where_only_energy_differs(system: str) -> None:
    assert check([asked(system=system, algorithm="fixed:3", set=machine) for machine in ENERGIES]) in (0, 4)
    assert check([asked(system=system, algorithm="fixed:3", set=machine) for machine in ((), *TIMES)]) == 0


def test_ahasd_is_worked_out_where_only_energy_differs() -> None:
    assert (
        check([asked(system="ahasd", algorithm="adaedl:calibrated", set=machine) for machine in ENERGIES])
        == 4
    )


def test_what_else_a_run_depends_on_is_simulated_again() -> None:
    differing = [
        {},
        {"tokens": 41},
        {"prompt_tokens": 64},
        {"algorithm": "fixed:2"},
        {"coins": "recorded"},
        {"trace": BASE["trace"].replace("0.8", "0.7")},
        {"set": ("system.catch_up=separate",)},
    ]
    grid = [asked(**{"system": "npu", "algorithm": "fixed:3", **values}) for values in differing]
    assert check(grid, seeds=(0,)) == 0


def test_a_worked_out_run_has_the_tasks_of_the_simulation() -> None:
    runs = []
    recall = Recall()
    for machine in ((), ("npu.clock_ghz=3",)):
        resolved = resolve(asked(system="npu", algorithm="fixed:3", set=machine))
        runs.append(SpeculationRun(resolved))
    first, second = runs
    recall.keep(first.resolved, first.placed.machine, first.outcome, first.wraps)
    known = recall.outcome(second.resolved, second.placed.machine)
    assert known is not None
    assert known[0].timeline.tasks == second.outcome.timeline.tasks
    assert known[0].ledger == second.outcome.ledger
    assert (known[0].mean_draft_length, known[0].wasted_j) == (
        second.outcome.mean_draft_length, second.outcome.wasted_j
    )  # fmt: skip


@pytest.mark.parametrize("batch", [1, 3])
def test_the_target_alone_is_what_its_simulation_comes_to(batch: int) -> None:
    configuration = asked(system="npu-autoregressive", algorithm="none", tokens=150, batch=batch)
    run = SpeculationRun(resolve(configuration))
    machine, hardware = run.placed.machine, run.placed.hardware
    found = decode_alone(machine, 150)
    simulated = Autoregressive(machine, AutoregressiveOptions()).decode(150)
    assert (found.end, total_joules(hardware, found)) == (simulated.end, total_joules(hardware, simulated))
    assert found.timeline.tasks == simulated.timeline.tasks


def test_a_text_that_takes_longer_than_there_are_numbers_for_is_simulated() -> None:
    resolved = resolve(asked(system="npu", algorithm="fixed:3"))
    machine = replace(SpeculationRun(resolved).placed.machine, target_steps=MeasuredSteps("npu", 1e6))
    assert decode_alone(machine, 40).end == 40 * 10**18


def test_the_capacity_bounds_what_is_kept() -> None:
    recall = Counting(capacity=2)
    shelf = Shelf(recall=recall)
    resolved = resolve(asked(system="npu", algorithm="fixed:3"))
    for seed in (0, 1, 2, 0):
        shelf.run(resolved, seed)
    assert recall.recalled == 0
    shelf.run(resolved, 0)
    assert recall.recalled == 1


def test_times_are_the_same_only_where_all_answers_are() -> None:
    def machine(*constants: str) -> Any:
        run = SpeculationRun(resolve(asked(system="ahasd", algorithm="fixed:3", set=constants)))
        _ = run.outcome
        return run.placed.machine

    plain = machine()
    assert same_times(plain, machine("energy.offchip_pj_per_bit=9"))
    for constant in (
        "npu.clock_ghz=2",
        "cpu.polling_us=5",
        "cpu.queue_transfer_us=2",
        "pim.launch_us=1",
        "system.tvc=false",
    ):
        assert not same_times(plain, machine(constant)), constant


def test_policies_that_never_ask_for_seconds_do_the_same_whatever_they_are_told() -> None:
    for algorithm in ALGORITHMS:
        resolved = resolve(asked(system="npu", algorithm=algorithm))
        assert resolved.algorithm is not None
        policy: DraftingPolicy = resolved.algorithm.fresh_policy()
        if policy.asks_seconds:
            assert algorithm.startswith("bandit")
            continue
        lengths = [_lengths(resolved, factor) for factor in (1.0, 1e-3, 1e3)]
        assert lengths[0] == lengths[1] == lengths[2]


def _lengths(resolved: Any, factor: float) -> list[int]:
    """Lengths of the batches of a policy that is told so many times a second."""
    policy, walk = resolved.algorithm.fresh_policy(), TraceWalk(resolved.trace, 3)
    chain, lengths = walk.start(), []
    for number in range(40):
        policy.start(number)
        length = 1
        while not policy.should_stop(chain.signals(length - 1)):
            length += 1
        accepted = 0
        while accepted < length and chain.accepted(accepted):
            accepted += 1
        policy.verified(number, length, accepted, factor * (number % 3 + 1))
        chain = walk.after(chain, accepted)
        lengths.append(length)
    return lengths
